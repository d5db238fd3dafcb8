import { z } from "zod";
import { errorSchema } from "../admin-api/error-schema.ts";
import { eventLineSchema } from "../admin-api/event-schema.ts";
import { leaseLineSchema, leaseRequestSchema, leaseSchema } from "../admin-api/lease-schema.ts";
import {
  eventsPath,
  forgetPath,
  interfacePath,
  interfacesPath,
  leasesPath,
  metricsPath,
  openApiPath,
  planPath,
  restorePath,
  routesPath,
  scopedRoutePath,
  statusPath,
} from "../admin-api/paths.ts";
import { eventsQuerySchema } from "../admin-api/query-schema.ts";
import {
  forgetSchema,
  planSchema,
  restoreRequestSchema,
  restoreSchema,
  scopedAnswerSchema,
} from "../admin-api/route-change-schema.ts";
import { interfaceSchema, routesSchema, statusSchema } from "../admin-api/status-schema.ts";

interface Operation {
  /** `get` where it is not named. */
  readonly method?: "post" | "delete";
  readonly path: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly answer: z.ZodType;
  /** Content types of the answer; the first is the usual one. */
  readonly content?: readonly string[];
  readonly errors?: readonly number[];
}

const operations: readonly Operation[] = [
  {
    path: statusPath,
    summary: "Everything that the daemon knows: itself, interfaces, defaults, counters",
    answer: statusSchema,
  },
  {
    path: interfacesPath,
    summary: "All interfaces, by index",
    answer: z.array(interfaceSchema),
  },
  {
    path: interfacePath,
    summary: "One interface",
    answer: interfaceSchema,
    errors: [404],
  },
  {
    path: routesPath,
    summary: "The defaults of both families, with the losers and why each lost",
    answer: routesSchema,
  },
  {
    method: "post",
    path: scopedRoutePath,
    summary: "Gives an interface scoped defaults, whatever the configuration says; ends a fight",
    answer: scopedAnswerSchema,
    errors: [404, 409, 503],
  },
  {
    method: "delete",
    path: scopedRoutePath,
    summary: "Takes the scoped defaults of an interface away, whatever the configuration says",
    answer: scopedAnswerSchema,
    errors: [404, 409, 503],
  },
  {
    method: "post",
    path: restorePath,
    summary: "Settles what is owed; a family without any default gets its last known good one",
    body: restoreRequestSchema,
    answer: restoreSchema,
    errors: [400, 409, 503],
  },
  {
    path: planPath,
    summary: "What would be done to routes now",
    answer: planSchema,
    errors: [409, 503],
  },
  {
    method: "post",
    path: forgetPath,
    summary: "Forgets the last known good defaults, and what the guard misses",
    answer: forgetSchema,
    errors: [409, 503],
  },
  {
    path: leasesPath,
    summary: "The leases that are held",
    answer: z.array(leaseSchema),
  },
  {
    method: "post",
    path: leasesPath,
    summary: "Asks for a lease; the answer goes on, one JSON object a line, as long as it is held",
    body: leaseRequestSchema,
    answer: leaseLineSchema,
    content: ["application/x-ndjson"],
    errors: [400, 404, 409, 429],
  },
  {
    path: eventsPath,
    summary: "Events, one JSON object a line, or server-sent events when asked for",
    query: eventsQuerySchema,
    answer: eventLineSchema,
    content: ["application/x-ndjson", "text/event-stream"],
    errors: [400],
  },
  {
    path: metricsPath,
    summary: "Counters and gauges in Prometheus's text format",
    answer: z.string(),
    content: ["text/plain"],
  },
  {
    path: openApiPath,
    summary: "This description",
    answer: z.looseObject({ openapi: z.string() }),
  },
];

const reasons: Readonly<Record<number, string>> = {
  400: "The request is not understood",
  403: "The peer may not do that",
  404: "There is no such thing",
  409: "This daemon only watches, or what is asked for does not go together with what is there",
  429: "There are too many of them",
  503: "The journal or the system refuses; it is tried again where that makes sense",
};

/** The admin API as an OpenAPI 3.1 document, made from the schemas that everything else uses. */
export function openApiDocument(version: string): Record<string, unknown> {
  const shape = Object.fromEntries(
    operations.map((operation) => [nameOf(operation), operation.answer]),
  );
  const { properties: answers = {}, $defs: schemas = {} } = jsonSchema(
    z.object({ ...shape, error: errorSchema }),
  );
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    const described = describeOperation(operation, answers[nameOf(operation)]);
    paths[operation.path] = { ...paths[operation.path], [operation.method ?? "get"]: described };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "netwatch admin API",
      version,
      description: "HTTP/1.1 with JSON over the daemon's Unix socket",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "http://localhost", description: "curl --unix-socket SOCKET" }],
    paths,
    components: { schemas },
  };
}

function nameOf({ method, path }: Operation): string {
  return `${method ?? "get"} ${path}`;
}

/** `getInterface` of `get /v1/interfaces/{name}`: a name for clients that are generated. */
function operationId({ method, path }: Operation): string {
  const words = path
    .split("/")
    .slice(2)
    .flatMap((word) => word.match(/\w+/g) ?? []);
  return [
    method ?? "get",
    ...words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)),
  ].join("");
}

function describeOperation(operation: Operation, answer: unknown): Record<string, unknown> {
  const { path, summary, query, body, content = ["application/json"], errors = [] } = operation;
  const failures = [403, ...errors].map((status) => [status, failure(status)]);
  return {
    operationId: operationId(operation),
    summary,
    parameters: [...pathParameters(path), ...queryParameters(query)],
    ...(body === undefined
      ? {}
      : { requestBody: { content: { "application/json": { schema: schemaOfBody(body) } } } }),
    responses: {
      200: {
        description: "Done",
        content: Object.fromEntries(content.map((type) => [type, { schema: answer }])),
      },
      ...Object.fromEntries(failures),
    },
  };
}

function failure(status: number): Record<string, unknown> {
  return {
    description: reasons[status],
    content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
  };
}

function pathParameters(path: string): Record<string, unknown>[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParameters(query: z.ZodObject | undefined): Record<string, unknown>[] {
  if (query === undefined) return [];
  return Object.entries(jsonSchema(query).properties ?? {}).map(([name, described]) => {
    const { description, ...schema } = described as Record<string, unknown>;
    return { name, in: "query", required: false, description, schema };
  });
}

function schemaOfBody(body: z.ZodType): unknown {
  const { $schema, ...schema } = z.toJSONSchema(body, { io: "input" });
  return schema;
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly $defs?: Readonly<Record<string, unknown>>;
}

// As an input, an object may have more fields than it names: answers grow, and clients must bear it.
function jsonSchema(schema: z.ZodType): JsonSchema {
  const described = z.toJSONSchema(schema, {
    io: "input",
    override: ({ jsonSchema: part }) => {
      // What every integer of JavaScript and every time of its format is bounded by tells a reader nothing.
      if (part.type === "integer" && part.maximum === Number.MAX_SAFE_INTEGER) delete part.maximum;
      if (part.type === "integer" && part.minimum === Number.MIN_SAFE_INTEGER) delete part.minimum;
      if (part.format === "date-time") delete part.pattern;
    },
  });
  const text = JSON.stringify(described);
  return JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/')) as JsonSchema;
}
