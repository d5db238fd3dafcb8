import { expect, test } from "vitest";
import { netwatchVersion } from "../../src/admin-api/version.ts";
import { adminRoutes } from "../../src/daemon/admin-routes.ts";
import { openEventLog } from "../../src/daemon/event-log.ts";
import { openApiDocument } from "../../src/daemon/open-api.ts";
import { ask } from "./admin-client.ts";
import { fixtureStatus, openAdmin } from "./admin-fixture.ts";

interface Described {
  readonly openapi: string;
  readonly paths: Readonly<
    Record<
      string,
      { readonly get: { readonly parameters: { readonly name: string; readonly in: string }[] } }
    >
  >;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

const document = openApiDocument(netwatchVersion) as unknown as Described;

test("openApiDocument() describes exactly the routes that are served, with their parameters", () => {
  const served = adminRoutes({ status: fixtureStatus, events: openEventLog(1) }).map(
    ({ path, query }) => [path, [...query, ...path.matchAll(/\{(\w+)\}/g)].map(String).sort()],
  );
  const described = Object.entries(document.paths).map(([path, { get }]) => [
    path,
    get.parameters
      .map((one) => (one.in === "path" ? `{${one.name}},${one.name}` : one.name))
      .sort(),
  ]);
  expect(described).toEqual(served);
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
