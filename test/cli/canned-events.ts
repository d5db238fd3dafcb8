import type { AdminEvent, EventLine } from "../../src/admin-api/event-schema.ts";
import { cannedAddress, cannedDefault } from "./canned-status.ts";

type Body<Event> = Event extends AdminEvent ? Omit<Event, "id" | "time" | "cause"> : never;

/** An event with the fields that all have. */
export function cannedEvent(
  id: number,
  time: string,
  body: Body<AdminEvent> & { readonly cause?: AdminEvent["cause"] },
): AdminEvent {
  return { id, time, cause: "message", ...body } as AdminEvent;
}

const onEth0 = { interface: "eth0", index: 2, generation: 1 } as const;
const eth0Default = cannedDefault();
const wlan0Default = cannedDefault({ gateway: "192.168.7.1", interface: "wlan0", metric: 600 });

function addressBody(text: string, flags: string[] = ["permanent"]) {
  const { address, prefixLength, family, scope, peer } = cannedAddress(text);
  return { address, prefixLength, family, scope, peer, flags };
}

/** One of each sort, over two days. */
export const cannedEvents: readonly EventLine[] = [
  cannedEvent(1, "2026-03-02T23:59:58.001Z", {
    kind: "interface-added",
    severity: "churn",
    interface: "veth3",
    index: 9,
    generation: 2,
    interfaceKind: "container",
    up: true,
    carrier: false,
  }),
  cannedEvent(2, "2026-03-03T08:03:22.120Z", {
    kind: "interface-changed",
    severity: "effective",
    ...onEth0,
    changes: [
      { field: "carrier", before: true, after: false },
      { field: "operState", before: "up", after: "lower-layer-down" },
    ],
  }),
  cannedEvent(3, "2026-03-03T08:03:22.121Z", {
    kind: "default-changed",
    severity: "effective",
    family: "ipv4",
    before: eth0Default,
    after: wlan0Default,
    added: [],
    removed: [],
  }),
  cannedEvent(4, "2026-03-03T08:03:23.500Z", {
    kind: "address-added",
    severity: "effective",
    ...onEth0,
    ...addressBody("10.0.0.5/24"),
  }),
  cannedEvent(5, "2026-03-03T08:03:24.000Z", {
    kind: "address-added",
    severity: "effective",
    ...onEth0,
    ...addressBody("2001:db8::5/64", ["tentative"]),
  }),
  cannedEvent(6, "2026-03-03T08:03:25.000Z", {
    kind: "address-changed",
    severity: "effective",
    ...onEth0,
    ...addressBody("2001:db8::5/64", ["permanent"]),
    changes: [{ field: "flags", before: "tentative", after: "" }],
  }),
  cannedEvent(7, "2026-03-03T08:10:00.000Z", {
    kind: "wake",
    severity: "health",
    sleptMs: 28_980_000,
  }),
  cannedEvent(8, "2026-03-03T08:10:00.200Z", {
    kind: "address-removed",
    severity: "effective",
    cause: "wake",
    ...onEth0,
    ...addressBody("10.0.0.5/24"),
  }),
  cannedEvent(9, "2026-03-03T08:10:15.000Z", {
    kind: "drift",
    severity: "health",
    cause: "reconcile",
    differences: 2,
    subjects: ["interface eth0", "ipv4 defaults"],
  }),
  cannedEvent(10, "2026-03-03T08:10:16.000Z", {
    kind: "overflow",
    severity: "health",
    cause: "resync",
    overflows: 1,
  }),
  { kind: "lagged", time: "2026-03-03T08:10:17.000Z", severity: "health", missed: 120 },
  cannedEvent(11, "2026-03-03T08:10:18.000Z", {
    kind: "default-changed",
    severity: "effective",
    family: "ipv6",
    before: cannedDefault({ family: "ipv6", prefix: "::/0", gateway: "fe80::1" }),
    after: null,
    added: [],
    removed: [],
  }),
  cannedEvent(12, "2026-03-03T08:10:19.000Z", {
    kind: "interface-removed",
    severity: "churn",
    interface: "veth3",
    index: 9,
    generation: 2,
    interfaceKind: "container",
    up: true,
    carrier: false,
  }),
];
