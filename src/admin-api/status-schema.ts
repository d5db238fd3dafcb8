import { z } from "zod";
import { leaseSchema } from "./lease-schema.ts";
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

export const scopedSchema = z
  .object({
    interface: z.string(),
    family: familySchema,
    gateway: z.string().nullable(),
    state: z.enum(["installed", "degraded", "pending", "stale", "fight"]),
    adopted: z.boolean(),
    reason: z.string().nullable(),
  })
  .meta({ id: "Scoped" });

const displacedSchema = z
  .object({
    family: familySchema,
    route: defaultSchema,
    since: timeSchema,
    by: z.string().nullable(),
    state: z
      .enum(["displaced", "pending"])
      .meta({ description: "pending: it should be back and cannot be yet" }),
    reason: z
      .string()
      .nullable()
      .meta({ description: "for a pending one, what it waits for; null while that is not known" }),
  })
  .meta({ id: "Displaced" });

export const statusSchema = z
  .object({
    daemon: z.object({
      version: z.string(),
      pid: z.number().int(),
      startedAt: timeSchema,
      mode: z
        .enum(["manage", "observe"])
        .meta({ description: "observe: nothing is written to the kernel" }),
      health: z.enum(["ok", "degraded"]),
      reasons: z
        .array(z.string())
        .meta({ description: "what is wrong, worst first, each with what to do" }),
    }),
    interfaces: z.array(interfaceSchema),
    defaults: z.object({ ipv4: defaultsSchema, ipv6: defaultsSchema }),
    scoped: z.array(scopedSchema),
    displaced: z.array(displacedSchema),
    ownProtocol: z
      .string()
      .meta({ description: "the `protocol` of routes that are netwatch's own" }),
    leases: z.array(leaseSchema),
    source: z.object({
      kind: z.enum(["netlink", "pfroute", "memory"]),
      alive: z
        .boolean()
        .meta({ description: "messages are heard; else everything is read every few seconds" }),
      lastMessageAt: timeSchema.nullable(),
      receiveBufferBytes: z
        .number()
        .int()
        .nullable()
        .meta({ description: "what the kernel granted" }),
      overflows: z.number().int().meta({ description: "times that the kernel dropped messages" }),
      reopened: z
        .number()
        .int()
        .meta({ description: "times that the event socket was opened anew" }),
      undecodable: z.number().int().meta({ description: "messages that could not be read" }),
      foreign: z
        .number()
        .int()
        .meta({ description: "messages of another sender than the kernel, ignored" }),
    }),
    counters: z.object({
      messages: z.number().int().meta({ description: "kernel messages that reached the daemon" }),
      filtered: z
        .number()
        .int()
        .meta({ description: "those of them that concerned nothing watched" }),
      hints: z
        .number()
        .int()
        .meta({ description: "doors that rang: an interface, the defaults of a family" }),
      rereads: z
        .number()
        .int()
        .meta({ description: "reads of the kernel's state, whole or in part" }),
      reconciles: z.number().int().meta({ description: "those of them that a schedule asked for" }),
      drift: z
        .number()
        .int()
        .meta({ description: "differences found that no message had announced" }),
      events: z.number().int(),
    }),
  })
  .meta({ id: "Status" });

export const routesSchema = statusSchema
  .pick({ defaults: true, scoped: true, displaced: true, ownProtocol: true })
  .extend({
    lastKnownGood: z
      .object({ ipv4: defaultSchema.nullable(), ipv6: defaultSchema.nullable() })
      .meta({
        description:
          "what a restore offers a family that has no default at all; null while nothing is known, and where routes are only watched",
      }),
  })
  .meta({ id: "Routes" });

export type Address = z.infer<typeof addressSchema>;
export type Interface = z.infer<typeof interfaceSchema>;
export type Status = z.infer<typeof statusSchema>;
export type Routes = z.infer<typeof routesSchema>;
