import { test as propertyTest } from "@fast-check/vitest";
import fc from "fast-check";
import { expect } from "vitest";
import type { Candidate, Defaults } from "../../../src/admin-api/route-schema.ts";
import type { Address, Interface, Status } from "../../../src/admin-api/status-schema.ts";
import { renderEvent } from "../../../src/cli/render/events.ts";
import { renderInterface, renderInterfaces } from "../../../src/cli/render/interfaces.ts";
import { renderRoutes } from "../../../src/cli/render/routes.ts";
import { renderStatus } from "../../../src/cli/render/status.ts";
import { textWidth } from "../../../src/cli/text-width.ts";
import { cannedEvents } from "../canned-events.ts";
import { cannedDefault, cannedNow, cannedStatus } from "../canned-status.ts";

// Names as hostile as the kernel lets them be, and as long as writing their bytes out makes them.
const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 15 }),
  fc.constantFrom(
    "eth0",
    "\u001b[2J\u001b[H",
    "\u009b31m",
    "日本語",
    "👍👍",
    "a\nb",
    "constructor",
    "valueOf",
    "\u202eab",
    "é́",
  ),
);
const family = fc.constantFrom("ipv4", "ipv6") as fc.Arbitrary<"ipv4" | "ipv6">;
const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> =>
  fc.option(value, { nil: null });
const time = fc
  .date({ noInvalidDate: true, min: new Date(0), max: new Date("2100-01-01") })
  .map((date) => date.toISOString());

const address: fc.Arbitrary<Address> = fc.record({
  address: fc.oneof(fc.ipV4(), fc.ipV6(), hostile),
  prefixLength: fc.nat(128),
  family,
  scope: fc.constantFrom("global", "link", "host", "site"),
  flags: fc.subarray(["tentative", "duplicate", "deprecated", "temporary", "permanent"]),
  peer: maybe(fc.ipV4()),
  validUntil: maybe(time),
  preferredUntil: maybe(time),
});
const anyInterface: fc.Arbitrary<Interface> = fc.record({
  name: hostile,
  index: fc.nat(),
  generation: fc.nat(9),
  kind: fc.constantFrom("physical", "loopback", "container", "tunnel", "bridge"),
  up: fc.boolean(),
  carrier: fc.boolean(),
  operState: fc.constantFrom("up", "unknown", "dormant", "lower-layer-down"),
  mtu: fc.nat(),
  mac: maybe(hostile),
  addresses: fc.array(address, { maxLength: 5 }),
});
const candidate: fc.Arbitrary<Candidate> = fc
  .record({
    family,
    prefix: fc.constantFrom("0.0.0.0/0", "128.0.0.0/1", "::/0", "2000::/3"),
    type: fc.constantFrom("unicast", "unreachable", "blackhole"),
    via: fc.constantFrom("default", "split", "rule") as fc.Arbitrary<"default" | "split" | "rule">,
    gateway: maybe(fc.oneof(fc.ipV6(), hostile)),
    interface: maybe(hostile),
    metric: fc.nat(),
    table: fc.nat(),
    protocol: fc.oneof(fc.constant("dhcp"), fc.constant("186"), hostile),
    source: maybe(fc.ipV6()),
    expiresAt: maybe(time),
    linkdown: fc.boolean(),
    nexthops: fc.array(
      fc.record({ gateway: maybe(fc.ipV6()), interface: hostile, weight: fc.nat(256) }),
      {
        maxLength: 3,
      },
    ),
    lostBecause: maybe(fc.oneof(fc.constantFrom("higher-metric", "linkdown", "split"), hostile)),
  })
  .map((fields) => ({ ...cannedDefault(), ...fields }));
const defaults: fc.Arbitrary<Defaults> = fc.record({
  effective: maybe(candidate),
  candidates: fc.array(candidate, { maxLength: 4 }),
});
const anyStatus: fc.Arbitrary<Status> = fc
  .record({
    interfaces: fc.array(anyInterface, { maxLength: 6 }),
    defaults: fc.record({ ipv4: defaults, ipv6: defaults }),
    reasons: fc.array(hostile, { maxLength: 3 }),
    alive: fc.boolean(),
    scoped: fc.array(
      fc.record({
        interface: hostile,
        family,
        gateway: maybe(hostile),
        state: fc.constantFrom("installed", "degraded", "fight") as fc.Arbitrary<"degraded">,
        adopted: fc.boolean(),
        reason: maybe(hostile),
      }),
      { maxLength: 2 },
    ),
  })
  .map(({ reasons, alive, ...fields }) => {
    const status = cannedStatus(fields);
    return {
      ...status,
      daemon: { ...status.daemon, reasons },
      source: { ...status.source, alive },
    };
  });

function expectFit(text: string, columns: number): void {
  for (const line of text.split("\n")) {
    expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    expect(textWidth(line)).toBeLessThanOrEqual(columns);
  }
}

propertyTest.prop([anyStatus, fc.integer({ min: 20, max: 200 })], { numRuns: 150 })(
  "whatever the daemon says, no line is wider than the terminal and no control character comes through",
  (status, columns) => {
    const view = { columns, color: false, now: cannedNow };
    expectFit(renderStatus(status, view), columns);
    expectFit(renderRoutes(status, view), columns);
    expectFit(renderInterfaces(status.interfaces, { all: true }, view), columns);
    for (const one of status.interfaces) expectFit(renderInterface(one, view), columns);
  },
);

propertyTest.prop([
  hostile,
  hostile,
  fc.constantFrom(...cannedEvents),
  fc.integer({ min: 20, max: 200 }),
])(
  "whatever an event says, it fits and does not act on the terminal",
  (name, kind, event, columns) => {
    const view = { columns, color: false, now: cannedNow };
    const renamed = "interface" in event ? { ...event, interface: name } : event;
    expectFit(renderEvent(renamed, view), columns);
    const unknown = { ...renamed, kind, interface: name } as unknown as typeof event;
    expectFit(renderEvent(unknown, view), columns);
  },
);
