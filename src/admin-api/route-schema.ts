import { z } from "zod";

export const familySchema = z.enum(["ipv4", "ipv6"]);
export const severitySchema = z.enum(["effective", "churn", "health"]);
export const timeSchema = z.iso
  .datetime({ precision: 3 })
  .meta({ id: "Time", description: "ISO 8601 with milliseconds, UTC" });

const nexthopSchema = z
  .object({
    gateway: z.string().nullable(),
    interface: z.string(),
    weight: z.number().int().min(1),
  })
  .meta({ id: "Nexthop" });

export const defaultSchema = z
  .object({
    family: familySchema,
    prefix: z
      .string()
      .meta({ description: "0.0.0.0/0, ::/0, or a part of a split such as 128.0.0.0/1" }),
    type: z
      .string()
      .meta({ description: "unicast, or what the route does instead: unreachable, blackhole, …" }),
    via: z.enum(["default", "split", "rule"]),
    gateway: z.string().nullable(),
    interface: z
      .string()
      .nullable()
      .meta({ description: "null for multipath (see nexthops) and error types" }),
    metric: z.number().int(),
    tos: z.number().int(),
    table: z.number().int(),
    position: z
      .number()
      .int()
      .meta({ description: "place among routes of equal key; the first, 0, wins" }),
    protocol: z.string(),
    source: z.string().nullable(),
    onlink: z.boolean(),
    mtu: z.number().int().nullable(),
    pref: z.enum(["low", "medium", "high"]).nullable(),
    expiresAt: timeSchema.nullable(),
    linkdown: z.boolean(),
    nexthopId: z.number().int().nullable(),
    nexthops: z.array(nexthopSchema),
  })
  .meta({ id: "Default" });

const candidateSchema = defaultSchema
  .extend({
    lostBecause: z.string().nullable().meta({ description: "null for the effective one" }),
  })
  .meta({ id: "Candidate" });

export const defaultsSchema = z
  .object({
    effective: defaultSchema.nullable().meta({
      description: "what carries an unbound packet to the internet; null when nothing does",
    }),
    candidates: z
      .array(candidateSchema)
      .meta({ description: "best first, the effective one included" }),
  })
  .meta({ id: "Defaults" });

export type Default = z.infer<typeof defaultSchema>;
export type Candidate = z.infer<typeof candidateSchema>;
export type Defaults = z.infer<typeof defaultsSchema>;
