import { beforeEach, describe, expect, test } from "vitest";
import { errorSchema } from "../../src/admin-api/error-schema.ts";
import { planSchema, scopedAnswerSchema } from "../../src/admin-api/route-change-schema.ts";
import { until } from "../namespace/namespace.ts";
import { link, type MemoryHost, memoryHost } from "../routes/memory-host.ts";
import type { Answer } from "./admin-client.ts";
import { openManagedDaemon } from "./managed-daemon.ts";

let host: MemoryHost;
beforeEach(() => {
  host = memoryHost();
});

const changes = [
  ["POST", "/v1/routes/scoped/eth0"],
  ["DELETE", "/v1/routes/scoped/eth0"],
  ["POST", "/v1/routes/restore"],
  ["POST", "/v1/routes/forget"],
] as const;

function errorOf({ json }: Answer): ReturnType<typeof errorSchema.parse>["error"] {
  return errorSchema.parse(json).error;
}

const tables = () => host.platform.kernel.scopedRoutes;
const ofWlan0 = () => tables().filter(({ interfaceIndex }) => interfaceIndex === 3);

describe("who may", () => {
  test("a user who is not in the group may read and change nothing", async () => {
    await using daemon = await openManagedDaemon(host);
    daemon.peer = { pid: 7, uid: 1_000, gid: 1_000 };
    const before = host.snapshot();
    for (const [method, path] of changes) {
      const answer = await daemon.ask(path, { method });
      expect(answer.status, path).toBe(403);
      expect(errorOf(answer), path).toMatchObject({
        code: "forbidden",
        message: "user 1000 may not change routes",
        hint: expect.stringMatching(/^ask as root, such as with sudo, or have the user added to /),
      });
    }
    expect(host.snapshot()).toEqual(before);
  });

  test("the daemon's own user may", async () => {
    await using daemon = await openManagedDaemon(host);
    daemon.peer = { pid: 7, uid: 990, gid: 990 };
    expect((await daemon.ask("/v1/routes/scoped/wlan0", { method: "DELETE" })).status).toBe(200);
    expect(ofWlan0()).toEqual([]);
  });

  test("a daemon that only watches changes nothing and says why, and what would help", async () => {
    const mode = {
      mode: "observe",
      reason: "because it does not run as root",
      remedy: "start netwatchd as root",
    } as const;
    await using daemon = await openManagedDaemon(host, { mode });
    const before = host.snapshot();
    for (const [method, path] of [...changes, ["GET", "/v1/routes/plan"] as const]) {
      const answer = await daemon.ask(path, { method });
      expect(answer.status, path).toBe(409);
      expect(errorOf(answer), path).toEqual({
        code: "observe-mode",
        message: "this netwatchd changes no routes, because it does not run as root",
        hint: "start netwatchd as root",
      });
    }
    expect(host.snapshot()).toEqual(before);
  });
});

describe("POST and DELETE /v1/routes/scoped/{interface}", () => {
  test("takes away and gives again, and answers with what stands", async () => {
    await using daemon = await openManagedDaemon(host);
    expect(ofWlan0()).toHaveLength(1);
    const removed = await daemon.ask("/v1/routes/scoped/wlan0", { method: "DELETE" });
    expect(scopedAnswerSchema.parse(removed.json)).toEqual({ scoped: [] });
    expect(ofWlan0()).toEqual([]);
    const installed = await daemon.ask("/v1/routes/scoped/wlan0", { method: "POST" });
    expect(scopedAnswerSchema.parse(installed.json).scoped).toEqual([
      {
        interface: "wlan0",
        family: "ipv4",
        gateway: "10.1.0.1",
        state: "installed",
        adopted: false,
        reason: null,
      },
      expect.objectContaining({ family: "ipv6", state: "pending" }),
    ]);
    expect(ofWlan0()).toHaveLength(1);
  });

  test("gives one to an interface that the configuration leaves out", async () => {
    await using daemon = await openManagedDaemon(host, { routes: { scoped: [] } });
    expect(tables()).toEqual([]);
    await daemon.ask("/v1/routes/scoped/eth0", { method: "POST" });
    expect(tables().map(({ interfaceIndex }) => interfaceIndex)).toEqual([2, 2]);
  });

  test.each(["POST", "DELETE"])("%s of an unknown interface names the nearest", async (method) => {
    await using daemon = await openManagedDaemon(host);
    const before = host.snapshot();
    const answer = await daemon.ask("/v1/routes/scoped/wlan1", { method });
    expect(answer.status).toBe(404);
    expect(errorOf(answer)).toEqual({
      code: "no-such-interface",
      message: 'there is no interface "wlan1"',
      hint: 'did you mean "wlan0"?',
    });
    expect(host.snapshot()).toEqual(before);
  });

  test("what was asked for by hand can be taken back while its interface is away", async () => {
    await using daemon = await openManagedDaemon(host, { routes: { scoped: [] } });
    await daemon.ask("/v1/routes/scoped/wlan0", { method: "POST" });
    const wlan0 = host.platform.kernel.interfaces.get(3);
    host.platform.controls.removeInterface(3);
    await until("its absence", async () =>
      (await daemon.status()).interfaces.every(({ name }) => name !== "wlan0"),
    );
    const answer = await daemon.ask("/v1/routes/scoped/wlan0", { method: "DELETE" });
    expect(scopedAnswerSchema.parse(answer.json)).toEqual({ scoped: [] });
    host.platform.controls.setInterface(wlan0 ?? link(3, "wlan0", ["10.1.0.2/24"]));
    await until("its return", async () =>
      (await daemon.status()).interfaces.some(({ name }) => name === "wlan0"),
    );
    expect(planSchema.parse((await daemon.ask("/v1/routes/plan")).json).steps).toEqual([]);
    expect(tables()).toEqual([]);
  });

  test("a loopback interface gets none", async () => {
    await using daemon = await openManagedDaemon(host);
    const answer = await daemon.ask("/v1/routes/scoped/lo", { method: "POST" });
    expect(answer.status).toBe(409);
    expect(errorOf(answer)).toMatchObject({
      code: "no-uplink",
      message: "lo is a loopback interface, which leads nowhere",
    });
    expect((await daemon.status()).scoped.map((one) => one.interface)).not.toContain("lo");
  });

  test("takes no body", async () => {
    await using daemon = await openManagedDaemon(host);
    const asking = { method: "POST", body: '{"dryRun":true}' };
    const answer = await daemon.ask("/v1/routes/scoped/eth0", asking);
    expect(answer.status).toBe(400);
  });

  test("says that the journal cannot be written, and changes nothing", async () => {
    await using daemon = await openManagedDaemon(host, { routes: { scoped: [] } });
    const before = host.snapshot();
    host.directory.capacity = 0;
    const answer = await daemon.ask("/v1/routes/scoped/eth0", { method: "POST" });
    expect(answer.status).toBe(503);
    expect(errorOf(answer)).toEqual({
      code: "not-possible",
      message: "cannot write to the journal in /memory: no space left on the device",
      hint: "make room on that disk, netwatchd then goes on by itself",
    });
    expect(host.snapshot()).toEqual(before);
    expect((await daemon.status()).daemon).toMatchObject({
      health: "degraded",
      reasons: [
        "routes are not looked after: cannot write to the journal in /memory: no space left on the device; make room on that disk, netwatchd then goes on by itself",
      ],
    });
    host.directory.capacity = Number.POSITIVE_INFINITY;
    await until("the scoped defaults", () => tables().length === 2);
    await until("the word of it", () => daemon.lines.includes("routes are looked after again"));
    expect((await daemon.status()).daemon.health).toBe("ok");
  });
});

describe("POST /v1/routes/restore", () => {
  test.each([
    ["not JSON", "{", "bad-json", /JSON/],
    ["another key", '{"dry":true}', "bad-request", /dry/],
    ["another type", '{"dryRun":"yes"}', "bad-request", /dryRun/],
    ["a list", "[]", "bad-request", /object/],
  ])("refuses a body that is %s", async (_, body, code, message) => {
    await using daemon = await openManagedDaemon(host);
    const answer = await daemon.ask("/v1/routes/restore", { method: "POST", body });
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});
