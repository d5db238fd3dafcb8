import { z } from "zod";
import { parseIpAddress } from "../network/address.ts";
import { familySchema, timeSchema } from "./route-schema.ts";

/** IFNAMSIZ is 16 with the closing zero (linux/if.h, xnu net/if.h). */
const interfaceNameSchema = z
  .string()
  .regex(/^[^\s/\p{Cc}]{1,15}$/u, "an interface's name has 1 to 15 characters without space or /");

const addressSchema = z
  .string()
  .refine((text) => parseIpAddress(text) !== null, "an IPv4 or IPv6 address, without a zone");

const familiesSchema = z
  .array(familySchema)
  .min(1)
  .refine((families) => new Set(families).size === families.length, "each family once")
  .optional()
  .meta({
    description:
      "when missing, those of which the interface has an address (both for an uplink that has none yet); without an interface, those of which the host has an uplink",
  });

/** A day. */
const longestTtlMs = 86_400_000;

const ofEveryLease = {
  ttlMs: z.number().int().min(0).max(longestTtlMs).default(0).meta({
    description:
      "how long the lease outlives its connection, for a claim by the same user; at most a day",
  }),
  claim: z.string().max(64).optional().meta({
    description:
      "id of an earlier lease of this user: taken over if it still stands with the same wish, else a new one is made",
  }),
};

const uplinkLeaseSchema = z.strictObject({
  kind: z.literal("uplink"),
  via: interfaceNameSchema
    .nullable()
    .default(null)
    .meta({ description: "null follows the host's best uplink: the best default of no tunnel" }),
  families: familiesSchema,
  ...ofEveryLease,
});

const defaultLeaseSchema = z.strictObject({
  kind: z.literal("default"),
  via: interfaceNameSchema,
  families: familiesSchema,
  mode: z.enum(["metric", "split", "displace"]).default("metric").meta({
    description:
      "metric: a default that wins by its metric; split: two halves that win by their length; displace: the others are taken away meanwhile",
  }),
  gateways: z.array(addressSchema).max(2).default([]).meta({
    description: "at most one of each family; without one, what is known, or the link itself",
  }),
  onLost: z.enum(["restore", "block"]).default("restore").meta({
    description:
      "what unbound packets do when the interface dies before the lease: go as before, or nowhere",
  }),
  endpoints: z
    .array(addressSchema)
    .max(16)
    .default([])
    .meta({ description: "the tunnel's own servers: each gets a host route by the uplink" }),
  stack: z
    .boolean()
    .default(false)
    .meta({ description: "stand before another lease's default instead of being refused" }),
  ...ofEveryLease,
});

/** Body of `POST /v1/leases`. */
export const leaseRequestSchema = z.discriminatedUnion("kind", [
  uplinkLeaseSchema,
  defaultLeaseSchema,
]);

const stateSchema = z
  .enum(["ready", "stale", "lost", "blocked", "outranked", "shadowed", "covered"])
  .meta({
    description:
      "ready: packets go as wished; stale: the interface or its way is gone; lost: the default is gone with its interface; blocked: the same, and nothing leaves; outranked, shadowed: another route, or a rule, wins; covered: a newer lease stands before it",
  });

/** What a lease gives for one family. A socket is bound to `interface`; `generation` tells a re-created one. */
const bindingSchema = z
  .object({
    family: familySchema,
    state: stateSchema,
    reason: z.string().nullable().meta({ description: "null when there is nothing to add" }),
    interface: z.string().nullable().meta({ description: "null while no interface is chosen" }),
    index: z.number().int().nullable().meta({ description: "null while there is no interface" }),
    generation: z
      .number()
      .int()
      .nullable()
      .meta({ description: "how many devices have borne this name; null while there is none" }),
    gateway: z.string().nullable().meta({ description: "null for a link without neighbours" }),
    source: z.string().nullable(),
    table: z
      .number()
      .int()
      .nullable()
      .meta({ description: "Linux: where the default of this interface stands" }),
    mark: z
      .number()
      .int()
      .nullable()
      .meta({ description: "Linux: a firewall mark that leads there; null where there is none" }),
  })
  .meta({ id: "Binding" });

const lineBase = z.object({
  time: timeSchema,
  id: z.string().meta({ description: "the lease" }),
  bindings: z.array(bindingSchema).meta({ description: "all of the lease, as they are now" }),
});

const change = lineBase.extend({
  family: familySchema.meta({ description: "the one of which this line tells" }),
  reason: z.string(),
});

/** One line of the answer of `POST /v1/leases`. The first is `granted`; the last, if there is time for one, `released`. */
export const leaseLineSchema = z
  .discriminatedUnion("kind", [
    lineBase.extend({
      kind: z.literal("granted"),
      ttlMs: z.number().int(),
      reclaimed: z.boolean().meta({ description: "an earlier lease was taken over" }),
    }),
    change.extend({ kind: z.literal("moved") }),
    change.extend({ kind: z.literal("stale") }),
    change.extend({ kind: z.literal("lost") }),
    change.extend({ kind: z.literal("outranked") }),
    change.extend({ kind: z.literal("shadowed") }),
    change.extend({ kind: z.literal("covered") }),
    lineBase.extend({
      kind: z.literal("released"),
      because: z.enum(["claimed", "stopping"]).meta({
        description:
          "claimed: another connection of this user took it over; stopping: the daemon ends",
      }),
      reason: z.string(),
    }),
  ])
  .meta({ id: "LeaseLine" });

/** A lease as `status` shows it. */
export const leaseSchema = z
  .object({
    id: z.string(),
    kind: z.enum(["uplink", "default"]),
    owner: z.object({
      pid: z.number().int(),
      uid: z.number().int(),
      command: z.string().nullable().meta({ description: "null when it could not be learned" }),
    }),
    wish: z.string().meta({ description: "for a person" }),
    since: timeSchema,
    ttlMs: z.number().int(),
    connected: z.boolean(),
    endsAt: timeSchema.nullable().meta({ description: "null while it is connected" }),
    bindings: z.array(bindingSchema),
  })
  .meta({ id: "Lease" });

export type LeaseRequest = z.infer<typeof leaseRequestSchema>;
export type LeaseRequestInput = z.input<typeof leaseRequestSchema>;
export type LeaseBinding = z.infer<typeof bindingSchema>;
export type LeaseBindingState = z.infer<typeof stateSchema>;
export type LeaseLine = z.infer<typeof leaseLineSchema>;
export type Lease = z.infer<typeof leaseSchema>;
