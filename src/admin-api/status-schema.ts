import { z } from "zod";
import { defaultSchema, defaultsSchema, familySchema, timeSchema } from "./route-schema.ts";

export const addressSchema = z
  .object({
    address: z.string(),
    prefixLength: z.number().int(),
    family: familySchema,
    scope: z.string(),
    flags: z.array(z.string()),
    peer: z.string().nullable(),
    validUntil: timeSchema.nullable(),
    preferredUntil: timeSchema.nullable(),
  })
  .meta({ id: "Address" });

export const interfaceSchema = z
  .object({
    name: z.string(),
    index: z.number().int(),
    generation: z
      .number()
      .int()
      .meta({ description: "how many devices have borne this name, this one included" }),
    kind: z.string(),
    up: z.boolean(),
    carrier: z.boolean(),
    operState: z.string(),
    mtu: z.number().int(),
    mac: z.string().nullable(),
    addresses: z.array(addressSchema),
  })
  .meta({ id: "Interface" });

export const scopedSchema = z.object({
  interface: z.string(),
  family: familySchema,
  gateway: z.string().nullable(),
  state: z.enum(["installed", "degraded", "pending", "stale", "fight"]),
  adopted: z.boolean(),
  reason: z.string().nullable(),
});

export const displacedSchema = z.object({
  family: familySchema,
  route: defaultSchema,
  since: timeSchema,
  by: z.string().nullable(),
  state: z.enum(["displaced", "pending"]),
});

export const leaseSchema = z.object({
  id: z.string(),
  owner: z.object({ pid: z.number().int(), uid: z.number().int(), command: z.string() }),
  wish: z.string(),
  since: timeSchema,
  ttlMs: z.number().nullable(),
});

export const statusSchema = z
  .object({
    daemon: z.object({
      version: z.string(),
      pid: z.number().int(),
      startedAt: timeSchema,
      mode: z.enum(["manage", "observe"]),
      health: z.enum(["ok", "degraded"]),
      reasons: z
        .array(z.string())
        .meta({ description: "what is wrong, worst first, each with what to do" }),
    }),
    interfaces: z.array(interfaceSchema),
    defaults: z.object({ ipv4: defaultsSchema, ipv6: defaultsSchema }),
    scoped: z.array(scopedSchema),
    displaced: z.array(displacedSchema),
    leases: z.array(leaseSchema),
    source: z.object({
      kind: z.enum(["netlink", "pfroute", "memory"]),
      alive: z.boolean(),
      lastMessageAt: timeSchema.nullable(),
      receiveBufferBytes: z.number().int().nullable(),
      overflows: z.number().int(),
      reopened: z.number().int(),
      undecodable: z.number().int(),
      foreign: z.number().int(),
    }),
    counters: z.object({
      messages: z.number().int(),
      filtered: z.number().int(),
      hints: z.number().int(),
      rereads: z.number().int(),
      reconciles: z.number().int(),
      drift: z.number().int(),
      events: z.number().int(),
    }),
  })
  .meta({ id: "Status" });

export const routesSchema = statusSchema
  .pick({ defaults: true, scoped: true, displaced: true })
  .meta({ id: "Routes" });

export type Address = z.infer<typeof addressSchema>;
export type Interface = z.infer<typeof interfaceSchema>;
export type Status = z.infer<typeof statusSchema>;
export type Routes = z.infer<typeof routesSchema>;
