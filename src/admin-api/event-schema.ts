import { z } from "zod";
import { defaultSchema, familySchema, severitySchema, timeSchema } from "./route-schema.ts";
import { addressSchema } from "./status-schema.ts";

const base = z.object({
  id: z.number().int().meta({ description: "grows by one; give it as ?since= to go on after it" }),
  time: timeSchema,
  severity: severitySchema,
  cause: z.enum(["message", "reconcile", "wake", "resync", "request"]),
});

const onInterface = base.extend({
  interface: z.string(),
  index: z.number().int(),
  generation: z.number().int(),
});

const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const changes = z.array(
  z.object({ field: z.string(), before: value, after: value }).meta({ id: "FieldChange" }),
);

const interfaceBody = { interfaceKind: z.string(), up: z.boolean(), carrier: z.boolean() };
const addressBody = addressSchema.omit({ validUntil: true, preferredUntil: true }).shape;

const scopedBody = {
  interface: z.string(),
  family: familySchema,
  gateway: z.string().nullable(),
  reason: z.string().nullable().meta({ description: "null when there is nothing to add" }),
};
const byWhom = z
  .string()
  .nullable()
  .meta({ description: "the program that asked for it, as far as messages told" });

const leaseBody = {
  lease: z.string().meta({ description: "its id" }),
  by: z.string().nullable().meta({ description: "the program that holds it" }),
  pid: z.number().int(),
  wish: z.string().meta({ description: "for a person" }),
};
const bindingBody = {
  family: familySchema,
  interface: z.string().nullable(),
  index: z.number().int().nullable(),
  generation: z.number().int().nullable(),
  gateway: z.string().nullable(),
  reason: z.string(),
};

/** One line of `GET /v1/events`. */
export const eventSchema = z
  .discriminatedUnion("kind", [
    onInterface.extend({ kind: z.literal("interface-added"), ...interfaceBody }),
    onInterface.extend({ kind: z.literal("interface-removed"), ...interfaceBody }),
    onInterface.extend({ kind: z.literal("interface-changed"), changes }),
    onInterface.extend({ kind: z.literal("address-added"), ...addressBody }),
    onInterface.extend({ kind: z.literal("address-removed"), ...addressBody }),
    onInterface.extend({ kind: z.literal("address-changed"), ...addressBody, changes }),
    base.extend({
      kind: z.literal("default-changed"),
      family: familySchema,
      before: defaultSchema.nullable().meta({ description: "the effective default until now" }),
      after: defaultSchema
        .nullable()
        .meta({ description: "equal to before when only candidates came or went" }),
      added: z.array(defaultSchema),
      removed: z.array(defaultSchema),
    }),
    base.extend({ kind: z.literal("scoped-installed"), ...scopedBody }),
    base.extend({ kind: z.literal("scoped-removed"), ...scopedBody }),
    base.extend({ kind: z.literal("scoped-stale"), ...scopedBody }),
    base.extend({ kind: z.literal("scoped-repaired"), ...scopedBody }),
    base.extend({
      kind: z.literal("fight"),
      what: z.enum(["scoped-default", "default"]).meta({
        description: "default: one that netwatch put before others, or in their place",
      }),
      interface: z.string(),
      family: familySchema,
      meaning: z.string().meta({ description: "who takes it away, and when netwatch goes on" }),
    }),
    base.extend({
      kind: z.literal("default-lost"),
      family: familySchema,
      default: defaultSchema,
      because: z.enum(["not-returned", "displaced", "removed", "withdrawn", "unexplained"]),
      meaning: z.string(),
      by: byWhom,
      instead: defaultSchema
        .nullable()
        .meta({ description: "what carries packets now; null when nothing does" }),
      restoring: z.boolean().meta({ description: "netwatch is about to put it back" }),
      remedy: z.string().nullable().meta({ description: "what to do by hand" }),
    }),
    base.extend({
      kind: z.literal("default-restored"),
      family: familySchema,
      default: defaultSchema,
      now: defaultSchema.meta({ description: "what stands now, mostly the same" }),
      by: byWhom,
    }),
    base.extend({
      kind: z.literal("displaced"),
      family: familySchema,
      default: defaultSchema,
      by: byWhom,
      over: z.array(z.string()).meta({ description: "the interfaces of what came instead" }),
    }),
    base.extend({ kind: z.literal("lease-granted"), ...leaseBody, reclaimed: z.boolean() }),
    base.extend({
      kind: z.literal("lease-released"),
      ...leaseBody,
      because: z.enum(["ended", "expired", "claimed", "stopping", "unread"]),
    }),
    base.extend({
      kind: z.literal("lease-changed"),
      ...leaseBody,
      ...bindingBody,
      state: z.string(),
    }),
    base.extend({ kind: z.literal("binding-moved"), ...leaseBody, ...bindingBody }),
    base.extend({ kind: z.literal("binding-stale"), ...leaseBody, ...bindingBody }),
    base.extend({ kind: z.literal("wake"), sleptMs: z.number() }),
    base.extend({ kind: z.literal("overflow"), overflows: z.number().int() }),
    base.extend({
      kind: z.literal("drift"),
      differences: z.number().int(),
      subjects: z.array(z.string()),
    }),
  ])
  .meta({ id: "Event" });

/** Stands in a subscriber's stream where events were lost to it; it has no id and is not kept. */
export const laggedSchema = z
  .object({
    kind: z.literal("lagged"),
    time: timeSchema,
    severity: z.literal("health"),
    missed: z.number().int().meta({
      description:
        "how many events are lost; at most so many after ?since= with a time; 0 when the daemon was started anew and nobody knows",
    }),
  })
  .meta({ id: "Lagged" });

export const eventLineSchema = z.union([eventSchema, laggedSchema]);

export type AdminEvent = z.infer<typeof eventSchema>;
export type Lagged = z.infer<typeof laggedSchema>;
export type EventLine = z.infer<typeof eventLineSchema>;
