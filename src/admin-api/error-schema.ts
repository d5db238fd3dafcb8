import { z } from "zod";

/** Body of every answer that is not a success. */
export const errorSchema = z
  .object({
    error: z.object({
      code: z.string().meta({ description: "stable name, e.g. not-found, bad-request, forbidden" }),
      message: z.string().meta({ description: "what could not be done, and why" }),
      hint: z.string().nullable().meta({ description: "what to do next" }),
    }),
  })
  .meta({ id: "Error" });

export type ErrorBody = z.infer<typeof errorSchema>;
