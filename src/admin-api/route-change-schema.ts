import { z } from "zod";
import { defaultSchema, familySchema } from "./route-schema.ts";
import { scopedSchema } from "./status-schema.ts";

const stepSchema = z
  .object({
    what: z.string().meta({ description: "install-scoped, remove-scoped, add-default, …" }),
    reason: z.string().meta({ description: "for a person" }),
    text: z.string().meta({ description: "what it does and why, as something to do" }),
    inverse: z.unknown().meta({ description: "what would undo it; null when nothing has to" }),
    raw: z
      .string()
      .nullable()
      .meta({ description: "for a default, the kernel's own bytes in base64" }),
  })
  .meta({ id: "RouteStep" });

/** Answer of `GET /v1/routes/plan`. */
export const planSchema = z.object({ steps: z.array(stepSchema) }).meta({ id: "Plan" });

/** Body of `POST /v1/routes/restore`. */
export const restoreRequestSchema = z.strictObject({
  dryRun: z.boolean().default(false).meta({ description: "only say what would be done" }),
});

/** Answer of `POST /v1/routes/restore`. */
export const restoreSchema = z
  .object({
    kind: z.enum(["done", "partly", "refused"]),
    exitCode: z.union([z.literal(0), z.literal(3), z.literal(4), z.literal(5)]),
    sentences: z.array(z.string()),
    steps: z.array(stepSchema),
  })
  .meta({ id: "Restore" });

/** Answer of `POST` and `DELETE /v1/routes/scoped/{interface}`: what stands on that interface now. */
export const scopedAnswerSchema = z
  .object({ scoped: z.array(scopedSchema) })
  .meta({ id: "ScopedAnswer" });

/** Answer of `POST /v1/routes/forget`. */
export const forgetSchema = z
  .object({ forgotten: z.array(z.object({ family: familySchema, default: defaultSchema })) })
  .meta({ id: "Forgotten" });

export type PlanAnswer = z.infer<typeof planSchema>;
export type RestoreAnswer = z.infer<typeof restoreSchema>;
export type ScopedAnswer = z.infer<typeof scopedAnswerSchema>;
export type ForgetAnswer = z.infer<typeof forgetSchema>;
