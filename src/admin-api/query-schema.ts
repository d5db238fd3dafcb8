import { z } from "zod";
import { severitySchema } from "./route-schema.ts";

/** Query of `GET /v1/events`. */
export const eventsQuerySchema = z.strictObject({
  since: z
    .string()
    .regex(/^\d{1,15}$|^\d{4}-\d\d-\d\dT/)
    .optional()
    .meta({ description: "an event's id: go on after it; or an ISO 8601 time: from then on" }),
  severity: severitySchema
    .optional()
    .meta({ description: "only these; health always comes along with effective" }),
  follow: z
    .enum(["true", "false", "1", "0", ""])
    .optional()
    .meta({ description: "keep the answer open and stream" }),
});

export type EventsQuery = z.infer<typeof eventsQuerySchema>;
