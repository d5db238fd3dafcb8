import { expect, expectTypeOf, test } from "vitest";
import type { z } from "zod";
import { type AdminEvent, eventSchema } from "../../src/admin-api/event-schema.ts";
import { viewDefault } from "../../src/daemon/default-view.ts";
import { type DaemonEvent, viewEvent } from "../../src/daemon/event-view.ts";
import { eth0, route } from "./admin-fixture.ts";

const base = { severity: "effective", cause: "message" } as const;
const subject = { interface: "eth0", index: 2, generation: 1 };
const address = eth0.addresses[0] ?? expect.fail("eth0 has no address");
const names = new Map([[2, "eth0"]]);
const now = { route, via: "default", interfaceNames: names } as const;
const later = { ...now, route: { ...route, gateway: "10.0.0.9", metric: 0 } };
const changes = [{ field: "mtu", before: 1500, after: 1400 }];
const link = { ...base, ...subject, interfaceKind: "physical", up: true, carrier: true } as const;

const scoped = { interface: "eth0", family: "ipv4", gateway: "10.0.0.1", reason: null } as const;
const lost = {
  family: "ipv4",
  default: viewDefault(route, "default", names),
  by: "openvpn (pid 7)",
} as const;

const lease = { lease: "5d4f2c0e", by: "vpn", pid: 7, wish: "uplink eth0 (ipv4)" } as const;
const binding = {
  family: "ipv4",
  interface: "eth0",
  index: 2,
  generation: 1,
  gateway: null,
  reason: "interface-gone: there is no eth0 now",
} as const;

// One of each kind that there is.
const events: { readonly [Kind in DaemonEvent["kind"]]: DaemonEvent & { kind: Kind } } = {
  "interface-added": { kind: "interface-added", ...link },
  "interface-removed": { kind: "interface-removed", ...link },
  "interface-changed": { kind: "interface-changed", ...base, ...subject, changes },
  "address-added": { kind: "address-added", ...base, ...subject, address },
  "address-removed": { kind: "address-removed", ...base, ...subject, address },
  "address-changed": { kind: "address-changed", ...base, ...subject, address, changes },
  "default-changed": {
    kind: "default-changed",
    ...base,
    family: "ipv4",
    before: now,
    after: later,
    added: [later],
    removed: [now],
  },
  "scoped-installed": { kind: "scoped-installed", ...base, ...scoped },
  "scoped-removed": { kind: "scoped-removed", ...base, ...scoped },
  "scoped-stale": { kind: "scoped-stale", ...base, ...scoped, reason: "interface-down" },
  "scoped-repaired": { kind: "scoped-repaired", ...base, ...scoped },
  fight: {
    kind: "fight",
    ...base,
    what: "scoped-default",
    interface: "eth0",
    family: "ipv4",
    meaning: "ip took it away",
  },
  "default-lost": {
    kind: "default-lost",
    ...base,
    ...lost,
    because: "displaced",
    meaning: "it is gone",
    instead: null,
    restoring: false,
    remedy: "netwatch routes restore",
  },
  "default-restored": { kind: "default-restored", ...base, ...lost, now: lost.default },
  displaced: { kind: "displaced", ...base, ...lost, over: ["tun0"] },
  "lease-granted": { kind: "lease-granted", ...base, ...lease, reclaimed: false },
  "lease-released": { kind: "lease-released", ...base, ...lease, because: "ended" },
  "lease-changed": { kind: "lease-changed", ...base, ...lease, ...binding, state: "lost" },
  "binding-moved": { kind: "binding-moved", ...base, ...lease, ...binding },
  "binding-stale": { kind: "binding-stale", ...base, ...lease, ...binding },
  wake: { kind: "wake", ...base, sleptMs: 61_000 },
  overflow: { kind: "overflow", ...base, overflows: 2 },
  drift: { kind: "drift", ...base, differences: 1, subjects: ["ipv4 defaults"] },
};

test.each(Object.entries(events))(
  "viewEvent() gives what the schema of %s wants",
  (kind, event) => {
    const time = "2026-01-31T12:00:00.000Z";
    const view = viewEvent(event, 7, time);
    expect(view).toMatchObject({ id: 7, time, kind, severity: "effective", cause: "message" });
    // A field that the schema does not know would be dropped by it.
    expect(eventSchema.parse(JSON.parse(JSON.stringify(view)))).toEqual(view);
  },
);

test("viewEvent() knows exactly the kinds of the schema", () => {
  expectTypeOf<AdminEvent["kind"]>().toEqualTypeOf<DaemonEvent["kind"]>();
  const kinds = eventSchema.options.map((option) => (option.shape.kind as z.ZodLiteral).value);
  expect(kinds.sort()).toEqual(Object.keys(events).sort());
});
