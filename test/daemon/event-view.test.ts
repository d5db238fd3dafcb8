import { expect, expectTypeOf, test } from "vitest";
import type { z } from "zod";
import { type AdminEvent, eventSchema } from "../../src/admin-api/event-schema.ts";
import { describeEvent } from "../../src/daemon/event-text.ts";
import { viewEvent } from "../../src/daemon/event-view.ts";
import type { MonitorEvent } from "../../src/monitor/event.ts";
import { eth0, route } from "./admin-fixture.ts";

const base = { severity: "effective", cause: "message" } as const;
const subject = { interface: "eth0", index: 2, generation: 1 };
const address = eth0.addresses[0] ?? expect.fail("eth0 has no address");
const names = new Map([[2, "eth0"]]);
const now = { route, via: "default", interfaceNames: names } as const;
const later = { ...now, route: { ...route, gateway: "10.0.0.9", metric: 0 } };
const changes = [{ field: "mtu", before: 1500, after: 1400 }];
const link = { ...base, ...subject, interfaceKind: "physical", up: true, carrier: true } as const;

// Each kind that the monitor knows, with what the log says of it.
const events: {
  readonly [Kind in MonitorEvent["kind"]]: [MonitorEvent & { kind: Kind }, string];
} = {
  "interface-added": [{ kind: "interface-added", ...link }, "eth0 appeared"],
  "interface-removed": [{ kind: "interface-removed", ...link }, "eth0 is gone"],
  "interface-changed": [
    { kind: "interface-changed", ...base, ...subject, changes },
    "eth0 changed: mtu 1500 -> 1400",
  ],
  "address-added": [
    { kind: "address-added", ...base, ...subject, address },
    "eth0 has 10.0.0.2/24",
  ],
  "address-removed": [
    { kind: "address-removed", ...base, ...subject, address },
    "eth0 lost 10.0.0.2/24",
  ],
  "address-changed": [
    { kind: "address-changed", ...base, ...subject, address, changes },
    "eth0 10.0.0.2 changed: mtu 1500 -> 1400",
  ],
  "default-changed": [
    {
      kind: "default-changed",
      ...base,
      family: "ipv4",
      before: now,
      after: later,
      added: [later],
      removed: [now],
    },
    "ipv4 default: via 10.0.0.9 on eth0 (was via 10.0.0.1 on eth0, metric 100)",
  ],
  wake: [{ kind: "wake", ...base, sleptMs: 61_000 }, "woke after 61 s of sleep"],
  overflow: [
    { kind: "overflow", ...base, overflows: 2 },
    "the kernel dropped messages: everything was read again",
  ],
  drift: [
    { kind: "drift", ...base, differences: 1, subjects: ["ipv4 defaults"] },
    "found what no message had announced: ipv4 defaults",
  ],
};

test.each(Object.entries(events))(
  "viewEvent() gives what the schema of %s wants",
  (kind, [event]) => {
    const time = "2026-01-31T12:00:00.000Z";
    const view = viewEvent(event, 7, time);
    expect(view).toMatchObject({ id: 7, time, kind, severity: "effective", cause: "message" });
    // A field that the schema does not know would be dropped by it.
    expect(eventSchema.parse(JSON.parse(JSON.stringify(view)))).toEqual(view);
  },
);

test("viewEvent() knows exactly the kinds of the schema", () => {
  expectTypeOf<AdminEvent["kind"]>().toEqualTypeOf<MonitorEvent["kind"]>();
  const kinds = eventSchema.options.map((option) => (option.shape.kind as z.ZodLiteral).value);
  expect(kinds.sort()).toEqual(Object.keys(events).sort());
});

test.each(Object.entries(events))(
  "describeEvent() tells %s in one line",
  (_kind, [event, text]) => {
    expect(describeEvent(viewEvent(event, 1, ""))).toBe(text);
  },
);

test("describeEvent() says what came and went when the effective default stays", () => {
  const [changed] = events["default-changed"];
  const event = { ...changed, after: now, added: [], removed: [later] };
  expect(describeEvent(viewEvent(event, 1, ""))).toBe(
    "ipv4 default stays via 10.0.0.1 on eth0, metric 100: removed via 10.0.0.9 on eth0",
  );
});
