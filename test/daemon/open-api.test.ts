import { expect, test } from "vitest";
import { netwatchVersion } from "../../src/admin-api/version.ts";
import { adminRoutes } from "../../src/daemon/admin-routes.ts";
import { openEventLog } from "../../src/daemon/event-log.ts";
import { openApiDocument } from "../../src/daemon/open-api.ts";
import { ask } from "./admin-client.ts";
import { fixtureStatus, observing, openAdmin } from "./admin-fixture.ts";

interface Described {
  readonly openapi: string;
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly operationId: string;
            readonly parameters: { readonly name: string; readonly in: string }[];
          }
        >
      >
    >
  >;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

const document = openApiDocument(netwatchVersion) as unknown as Described;

test("openApiDocument() describes exactly the routes that are served, with their parameters", () => {
  const sources = {
    status: fixtureStatus,
    events: openEventLog(1),
    mode: observing,
    metrics: () => "",
    leases: null,
    readPeer: () => null,
  };
  const served = adminRoutes({ ...sources, commands: null }).map(({ method, path, query }) => [
    `${method.toLowerCase()} ${path}`,
    [...query, ...path.matchAll(/\{(\w+)\}/g)].map(String).sort(),
  ]);
  const described = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { parameters }]) => [
      `${method} ${path}`,
      parameters.map((one) => (one.in === "path" ? `{${one.name}},${one.name}` : one.name)).sort(),
    ]),
  );
  expect(described.map(String).sort()).toEqual(served.map(String).sort());
});

test("openApiDocument() refers only to schemas that it has", () => {
  const names = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(([, ref]) => ref);
  const known = Object.keys(document.components.schemas).map(
    (name) => `#/components/schemas/${name}`,
  );
  expect(names.filter((name) => !known.includes(name ?? ""))).toEqual([]);
  expect(names).toContain("#/components/schemas/Default");
});

test("GET /v1/openapi.json answers with the document", async () => {
  await using admin = await openAdmin();
  const { status, json } = await ask(admin.socket, "/v1/openapi.json");
  expect(status).toBe(200);
  expect(json).toEqual(document);
});

test("openApiDocument() gives each operation a name of its own", () => {
  const names = Object.values(document.paths).flatMap((operations) =>
    Object.values(operations).map(({ operationId }) => operationId),
  );
  expect(names).toContain("getInterfacesName");
  expect(new Set(names).size).toBe(names.length);
});
