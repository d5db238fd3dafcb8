import { z } from "zod";
import { ipFamilies } from "../../../src/network/address.ts";
import { interfaceKinds } from "../../../src/network/interface.ts";
import type { DefaultRoute, NextHop, RouteType } from "../../../src/network/route.ts";

// The same shapes as the journal's own, said a second time in the words of a schema library.

const routeTypes = [
  "unicast",
  "local",
  "broadcast",
  "anycast",
  "multicast",
  "blackhole",
  "unreachable",
  "prohibit",
  "throw",
  "nat",
  "unknown",
] as const satisfies readonly RouteType[];

/** A leg of a multipath route. */
const nextHopSchema = z.object({
  gateway: z.string().nullable(),
  interfaceIndex: z.int().nonnegative(),
  weight: z.int().min(1).max(256),
  onlink: z.boolean(),
  linkdown: z.boolean(),
}) satisfies z.ZodType<NextHop>;

const familySchema = z.enum(ipFamilies);

/** The decoded view of a default route, as features know it. */
const defaultRouteSchema = z.object({
  family: familySchema,
  prefix: z.string(),
  type: z.enum(routeTypes),
  gateway: z.string().nullable(),
  interfaceIndex: z.int().nullable(),
  metric: z.int().nonnegative(),
  tos: z.int().nonnegative(),
  table: z.int().nonnegative(),
  position: z.int().nonnegative(),
  protocol: z.string(),
  source: z.string().nullable(),
  onlink: z.boolean(),
  mtu: z.int().nullable(),
  pref: z.enum(["low", "medium", "high"]).nullable(),
  expiresAt: z.number().nullable(),
  linkdown: z.boolean(),
  nexthopId: z.int().nullable(),
  nexthops: z.array(nextHopSchema).readonly(),
}) satisfies z.ZodType<DefaultRoute>;

/** A default as the kernel gave it, and what we understand of it. */
const recordedRouteSchema = z.looseObject({
  /** The kernel's own bytes in base64, so that attributes that we do not know survive. */
  raw: z.base64(),
  route: defaultRouteSchema,
});

const interfaceIdentitySchema = z.looseObject({
  index: z.int().positive(),
  name: z.string().min(1),
  mac: z.string().nullable(),
  kind: z.enum(interfaceKinds),
});

/** What every record carries. Objects are loose: keys of a later program pass through and are kept. */
const stampSchema = z.looseObject({
  kind: z.string().min(1),
  bootId: z.string().min(1),
  namespaceCookie: z.string().regex(/^\d{1,20}$/),
  /** Wall clock when it was written. */
  time: z.iso.datetime({ precision: 3 }),
  /** Milliseconds since boot, time asleep included (CLOCK_BOOTTIME, mach_continuous_time). */
  uptimeMs: z.number().nonnegative(),
});

const debtId = z.string().min(1).max(64);

/** Who asked. The command is a name, never a command line: arguments can hold secrets. */
const requesterSchema = z.looseObject({
  command: z.string().max(256).nullable(),
  pid: z.int().nullable(),
  uid: z.int().nullable(),
});

/** All defaults of a table and family as they stood before any of them was touched: a debt. Written twice. */
const displacedSchema = z.looseObject({
  ...stampSchema.shape,
  kind: z.literal("displaced"),
  debt: debtId,
  family: familySchema,
  table: z.int().nonnegative(),
  /** In the kernel's order: the first of equal key wins. */
  defaults: z.array(recordedRouteSchema).readonly(),
  /** Every interface that the defaults leave by. */
  interfaces: z.array(interfaceIdentitySchema).readonly(),
  by: requesterSchema,
  /** Places in `defaults` of what is taken away; all when it is missing. */
  taken: z.array(z.int().nonnegative()).readonly().optional(),
  /** What of ours is put in their place: it goes when the debt is settled. */
  replacement: defaultRouteSchema.optional(),
  /** More of ours that stands for the same wish, as the halves of a split do: it goes with the debt, too. */
  replacements: z.array(defaultRouteSchema).readonly().optional(),
});

/** A settlement that must be tried again. */
const pendingSchema = z.looseObject({
  ...stampSchema.shape,
  kind: z.literal("pending"),
  debt: debtId,
  /** Stable name: `interface-gone`, `gateway-off-link`, … */
  reason: z.string().min(1),
  attempts: z.int().nonnegative(),
  /** On the clock of `uptimeMs`; null waits for an event instead of a time. */
  nextAttemptUptimeMs: z.number().nullable(),
  /** A default of ours in the place of a router's own, until the router announces itself. */
  standIn: defaultRouteSchema.optional(),
});

const lifetimeSchema = z.looseObject({
  ...stampSchema.shape,
  kind: z.literal("lifetime"),
  debt: debtId,
  place: z.int().nonnegative(),
  expiresAt: z.number(),
});

/** The end of a debt. */
const closedSchema = z.looseObject({
  ...stampSchema.shape,
  kind: z.literal("closed"),
  debt: debtId,
  outcome: z.enum(["settled", "theirs", "handed-over", "expired", "forgotten"]),
  /** For a person: what was found or done. */
  detail: z.string().nullable(),
});

/** A scoped default and the place that it takes. The newest record of a family and slot counts. */
const slotSchema = z.looseObject({
  ...stampSchema.shape,
  kind: z.literal("slot"),
  family: familySchema,
  slot: z.int().nonnegative(),
  interface: interfaceIdentitySchema,
  /** The first rule's preference and the table on Linux; null on macOS. */
  preference: z.int().nullable(),
  table: z.int().nullable(),
  /** The mark of the rules and of the table's routes; missing in records of before it was recorded. */
  protocol: z.int().nullable().optional(),
  gateway: z.string().nullable(),
  source: z.string().nullable(),
  /** The interface's connected prefixes at that time: a remembered gateway holds only while they stand. */
  prefixes: z.array(z.string()).readonly(),
  form: z.enum(["pair", "throw"]),
  state: z.enum(["intent", "installed", "removed", "handed-over"]),
  onlink: z.boolean().optional(),
  mtu: z.int().nullable().optional(),
  /** Two or more legs over the interface; missing for one. */
  nexthops: z.array(nextHopSchema).readonly().optional(),
  /** When the gateway was learned, on the clock of `uptimeMs`; missing when it was the record's own time. */
  gatewaySinceUptimeMs: z.number().optional(),
  /** When the router's lifetime ends, on the clock of `uptimeMs`; missing or null for never. */
  gatewayUntilUptimeMs: z.number().nullable().optional(),
});

/** The last effective default that stood long enough on a live link that is no tunnel. */
const lastKnownGoodSchema = z.looseObject({
  ...stampSchema.shape,
  kind: z.literal("last-known-good"),
  family: familySchema,
  raw: z.base64(),
  route: defaultRouteSchema,
  interfaces: z.array(interfaceIdentitySchema).readonly(),
});

/** The last known good of a family must not be offered any more. */
const lastKnownGoodVoidSchema = z.looseObject({
  ...stampSchema.shape,
  kind: z.literal("last-known-good-void"),
  family: familySchema,
  reason: z.enum(["deliberate-removal", "router-lifetime", "forgotten"]),
});

/** What is about to be added, flushed before the first request of a plan. */
const intentSchema = z.looseObject({
  ...stampSchema.shape,
  kind: z.literal("intent"),
  plan: z.string().min(1).max(64),
  steps: z
    .array(
      z.looseObject({
        what: z.string(),
        /** How to undo it, in the planner's own words. */
        inverse: z.json(),
      }),
    )
    .readonly(),
});

/** A route of ours to the server of a tunnel, by an uplink. The newest record of a route counts. */
const hostRouteSchema = z.looseObject({
  ...stampSchema.shape,
  kind: z.literal("host-route"),
  family: familySchema,
  destination: z.string().min(1),
  gateway: z.string().nullable(),
  interface: interfaceIdentitySchema,
  /** Its mark; missing in records of before it was recorded. */
  protocol: z.int().optional(),
  state: z.enum(["intent", "removed"]),
});

/** A lease that outlives its connection. The newest record of a lease counts. */
const leaseSchema = z.looseObject({
  ...stampSchema.shape,
  kind: z.literal("lease"),
  lease: z.string().min(1).max(64),
  /** Who holds it. */
  by: requesterSchema,
  ttlMs: z.int().nonnegative(),
  /** What was asked for, in the words of the leases. */
  wish: z.json(),
  state: z.enum(["held", "released"]),
});

/** A plan is over: what it did stands in the kernel and in its own records, or was undone. */
const doneSchema = z.looseObject({
  ...stampSchema.shape,
  kind: z.literal("done"),
  plan: z.string().min(1).max(64),
  outcome: z.enum(["applied", "undone", "abandoned"]),
});

export const recordSchema = z.discriminatedUnion("kind", [
  displacedSchema,
  pendingSchema,
  lifetimeSchema,
  closedSchema,
  slotSchema,
  lastKnownGoodSchema,
  lastKnownGoodVoidSchema,
  intentSchema,
  doneSchema,
  hostRouteSchema,
  leaseSchema,
]);
