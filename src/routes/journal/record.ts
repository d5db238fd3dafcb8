import {
  defaultRouteShape,
  familyShape,
  nextHopShape,
  recordedRouteShape,
} from "./default-route-shape.ts";
import { interfaceIdentityShape } from "./interface-identity.ts";
import {
  amount,
  anything,
  base64,
  flag,
  isObject,
  list,
  moment,
  nullable,
  object,
  oneOf,
  optional,
  type Shape,
  type ShapeOf,
  text,
  whole,
} from "./shape.ts";

/** The kernel that a record belongs to: one run of a host, one network namespace of it. */
export interface JournalIdentity {
  /** `/proc/sys/kernel/random/boot_id`, or kern.bootsessionuuid on macOS. */
  readonly bootId: string;
  /** SO_NETNS_COOKIE as decimal text; "0" where there are no namespaces. */
  readonly namespaceCookie: string;
}

/** What every record carries. Objects are loose: keys of a later program pass through and are kept. */
const stampFields = {
  kind: text(1),
  bootId: text(1),
  namespaceCookie: text(1, 20, /^\d+$/),
  /** Wall clock when it was written. */
  time: moment(),
  /** Milliseconds since boot, time asleep included (CLOCK_BOOTTIME, mach_continuous_time). */
  uptimeMs: amount(0),
};

export const stampShape = object(stampFields);

export type Stamp = ShapeOf<typeof stampShape>;

const debtId = text(1, 64);

/** Who asked. The command is a name, never a command line: arguments can hold secrets. */
const requesterShape = object({
  command: nullable(text(0, 256)),
  pid: nullable(whole()),
  uid: nullable(whole()),
});

/** All defaults of a table and family as they stood before any of them was touched: a debt. Written twice. */
const displacedShape = object({
  ...stampFields,
  kind: oneOf(["displaced"]),
  debt: debtId,
  family: familyShape,
  table: whole(0),
  /** In the kernel's order: the first of equal key wins. */
  defaults: list(recordedRouteShape),
  /** Every interface that the defaults leave by. */
  interfaces: list(interfaceIdentityShape),
  by: requesterShape,
  /** Places in `defaults` of what is taken away; all when it is missing. */
  taken: optional(list(whole(0))),
  /** What of ours is put in their place: it goes when the debt is settled. */
  replacement: optional(defaultRouteShape),
  /** More of ours that stands for the same wish, as the halves of a split do: it goes with the debt, too. */
  replacements: optional(list(defaultRouteShape)),
});

/** A settlement that must be tried again. */
const pendingShape = object({
  ...stampFields,
  kind: oneOf(["pending"]),
  debt: debtId,
  /** Stable name: `interface-gone`, `gateway-off-link`, … */
  reason: text(1),
  attempts: whole(0),
  /** On the clock of `uptimeMs`; null waits for an event instead of a time. */
  nextAttemptUptimeMs: nullable(amount()),
  /** A default of ours in the place of a router's own, until the router announces itself. */
  standIn: optional(defaultRouteShape),
});

/** A router has announced a displaced default of its own again: its lifetime ends later, or sooner. */
const lifetimeShape = object({
  ...stampFields,
  kind: oneOf(["lifetime"]),
  debt: debtId,
  /** In the debt's `defaults`. */
  place: whole(0),
  /** In ms since the epoch. */
  expiresAt: amount(),
});

/** The end of a debt. */
const closedShape = object({
  ...stampFields,
  kind: oneOf(["closed"]),
  debt: debtId,
  outcome: oneOf(["settled", "theirs", "handed-over", "expired", "forgotten"]),
  /** For a person: what was found or done. */
  detail: nullable(text()),
});

/** A scoped default and the place that it takes. The newest record of a family and slot counts. */
const slotShape = object({
  ...stampFields,
  kind: oneOf(["slot"]),
  family: familyShape,
  slot: whole(0),
  interface: interfaceIdentityShape,
  /** The first rule's preference and the table on Linux; null on macOS. */
  preference: nullable(whole()),
  table: nullable(whole()),
  /** The mark of the rules and of the table's routes; missing in records of before it was recorded. */
  protocol: optional(nullable(whole())),
  gateway: nullable(text()),
  source: nullable(text()),
  /** The interface's connected prefixes at that time: a remembered gateway holds only while they stand. */
  prefixes: list(text()),
  form: oneOf(["pair", "throw"]),
  state: oneOf(["intent", "installed", "removed", "handed-over"]),
  onlink: optional(flag()),
  mtu: optional(nullable(whole())),
  /** Two or more legs over the interface; missing for one. */
  nexthops: optional(list(nextHopShape)),
  /** When the gateway was learned, on the clock of `uptimeMs`; missing when it was the record's own time. */
  gatewaySinceUptimeMs: optional(amount()),
  /** When the router's lifetime ends, on the clock of `uptimeMs`; missing or null for never. */
  gatewayUntilUptimeMs: optional(nullable(amount())),
  /** Only a lease has asked for it: when that is over, nothing of it makes an uplink of the interface. */
  leased: optional(flag()),
});

/** The last effective default that stood long enough on a live link that is no tunnel. */
const lastKnownGoodShape = object({
  ...stampFields,
  kind: oneOf(["last-known-good"]),
  family: familyShape,
  raw: base64(),
  route: defaultRouteShape,
  interfaces: list(interfaceIdentityShape),
});

/** The last known good of a family must not be offered any more. */
const lastKnownGoodVoidShape = object({
  ...stampFields,
  kind: oneOf(["last-known-good-void"]),
  family: familyShape,
  reason: oneOf(["deliberate-removal", "router-lifetime", "forgotten"]),
});

/** What is about to be added, flushed before the first request of a plan. */
const intentShape = object({
  ...stampFields,
  kind: oneOf(["intent"]),
  plan: text(1, 64),
  steps: list(
    object({
      what: text(),
      /** How to undo it, in the planner's own words. */
      inverse: anything(),
    }),
  ),
});

/** A route of ours to the server of a tunnel, by an uplink. The newest record of a route counts. */
const hostRouteShape = object({
  ...stampFields,
  kind: oneOf(["host-route"]),
  family: familyShape,
  destination: text(1),
  gateway: nullable(text()),
  interface: interfaceIdentityShape,
  /** Its mark; missing in records of before it was recorded. */
  protocol: optional(whole()),
  state: oneOf(["intent", "removed"]),
});

/** A lease that outlives its connection. The newest record of a lease counts. */
const leaseShape = object({
  ...stampFields,
  kind: oneOf(["lease"]),
  lease: text(1, 64),
  /** Who holds it. */
  by: requesterShape,
  ttlMs: whole(0),
  /** What was asked for, in the words of the leases. */
  wish: anything(),
  state: oneOf(["held", "released"]),
  /** Nobody holds it by a connection: it ends then. */
  endsAtUptimeMs: optional(amount(0)),
});

/** A plan is over: what it did stands in the kernel and in its own records, or was undone. */
const doneShape = object({
  ...stampFields,
  kind: oneOf(["done"]),
  plan: text(1, 64),
  outcome: oneOf(["applied", "undone", "abandoned"]),
});

const recordShapes = {
  displaced: displacedShape,
  pending: pendingShape,
  lifetime: lifetimeShape,
  closed: closedShape,
  slot: slotShape,
  "last-known-good": lastKnownGoodShape,
  "last-known-good-void": lastKnownGoodVoidShape,
  intent: intentShape,
  done: doneShape,
  "host-route": hostRouteShape,
  lease: leaseShape,
} as const;

type RecordKind = keyof typeof recordShapes;

/** Every kind of record that this version knows. */
export const recordKinds = Object.keys(recordShapes) as readonly RecordKind[];

/** Any record, of the shape of its kind. */
export const recordShape: Shape<JournalRecord> = (value, path) => {
  const kind = isObject(value) ? value.kind : undefined;
  const known = recordKinds.find((one) => one === kind);
  return known === undefined
    ? `${path}kind: not one that is known`
    : recordShapes[known](value, path);
};

export type JournalRecord = {
  [Kind in RecordKind]: ShapeOf<(typeof recordShapes)[Kind]>;
}[RecordKind];
export type RecordOf<Kind extends RecordKind> = Extract<JournalRecord, { kind: Kind }>;

type StampKey = "bootId" | "namespaceCookie" | "time" | "uptimeMs";
type Unstamped<Stamped> = Stamped extends unknown ? Omit<Stamped, StampKey> : never;

/** What a caller says; the journal adds identity and time. */
export type JournalFact = Unstamped<JournalRecord>;
