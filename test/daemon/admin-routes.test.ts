import { expect, test } from "vitest";
import { z } from "zod";
import { errorSchema } from "../../src/admin-api/error-schema.ts";
import { interfaceSchema, routesSchema, statusSchema } from "../../src/admin-api/status-schema.ts";
import { adminRoutes } from "../../src/daemon/admin-routes.ts";
import { openEventLog } from "../../src/daemon/event-log.ts";
import { ask } from "./admin-client.ts";
import { fixtureStatus, observing, openAdmin } from "./admin-fixture.ts";

test("GET /v1/status answers with the whole state", async () => {
  await using admin = await openAdmin();
  const answer = await ask(admin.socket, "/v1/status");
  expect(answer.status).toBe(200);
  expect(answer.headers["content-type"]).toBe("application/json");
  expect(z.strictObject(statusSchema.shape).parse(answer.json)).toEqual(fixtureStatus());
});

test("GET /v1/interfaces answers with all, by index", async () => {
  await using admin = await openAdmin();
  const { json } = await ask(admin.socket, "/v1/interfaces");
  expect(z.array(interfaceSchema).parse(json)).toEqual(fixtureStatus().interfaces);
  expect(
    z
      .array(interfaceSchema)
      .parse(json)
      .map(({ name }) => name),
  ).toEqual(["eth0", "wlan0"]);
});

test("GET /v1/interfaces/{name} answers with one, or names the nearest", async () => {
  await using admin = await openAdmin();
  const { json } = await ask(admin.socket, "/v1/interfaces/wlan0");
  expect(interfaceSchema.parse(json).index).toBe(7);
  const missing = await ask(admin.socket, "/v1/interfaces/eht0");
  expect(missing.status).toBe(404);
  const { error } = errorSchema.parse(missing.json);
  expect(error).toMatchObject({ code: "no-such-interface", hint: 'did you mean "eth0"?' });
  const odd = await ask(admin.socket, `/v1/interfaces/${encodeURIComponent("br/0 é")}`);
  expect(errorSchema.parse(odd.json).error.message).toContain("br/0 é");
});

test("GET /v1/interfaces/{name} lists no thousands of names", async () => {
  const status = fixtureStatus();
  const [first] = status.interfaces;
  const interfaces = Array.from({ length: 3_000 }, (_, at) => ({ ...first, name: `veth${at}` }));
  const routes = adminRoutes({
    status: () => statusSchema.parse({ ...status, interfaces }),
    events: openEventLog(1),
    mode: observing,
    commands: null,
    leases: null,
    readPeer: () => null,
    metrics: () => "",
  });
  await using admin = await openAdmin({ routes });
  const { json } = await ask(admin.socket, "/v1/interfaces/something-else");
  const { hint } = errorSchema.parse(json).error;
  expect(hint).toMatch(/^there are: veth0, .*veth19 and 2980 more$/);
});

test("GET /v1/routes answers with the defaults", async () => {
  await using admin = await openAdmin();
  const { json } = await ask(admin.socket, "/v1/routes");
  expect(routesSchema.parse(json).defaults).toEqual(fixtureStatus().defaults);
});
