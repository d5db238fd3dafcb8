import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { eventsQuerySchema } from "../../src/admin-api/query-schema.ts";
import { checkEventsQuery } from "../../src/daemon/event-query.ts";

const name = fc.constantFrom("since", "severity", "follow", "sinc", "__proto__", "constructor");
const value = fc.oneof(
  fc.constantFrom(
    "true",
    "false",
    "1",
    "0",
    "",
    "effective",
    "churn",
    "health",
    "Effective",
    "true\n",
  ),
  fc.constantFrom("12", "1234567890123456", "2026-01-31T12:00:00Z", "2026-01-31", "-1", "12\n"),
  fc.string(),
);
const query = fc.array(fc.tuple(name, value)).map((pairs) => {
  const parameters: Record<string, string> = Object.create(null);
  for (const [key, text] of pairs) parameters[key] = text;
  return parameters;
});

test.prop([query], { numRuns: 2_000 })(
  "checkEventsQuery() takes exactly what the schema takes",
  (parameters) => {
    const bySchema = eventsQuerySchema.safeParse({ ...parameters });
    if (bySchema.success) expect({ ...checkEventsQuery(parameters) }).toEqual(bySchema.data);
    else expect(() => checkEventsQuery(parameters)).toThrow("query parameter");
  },
);
