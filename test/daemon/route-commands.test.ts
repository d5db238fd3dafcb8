import { beforeEach, describe, expect, test } from "vitest";
import {
  forgetSchema,
  planSchema,
  restoreSchema,
} from "../../src/admin-api/route-change-schema.ts";
import { routesSchema } from "../../src/admin-api/status-schema.ts";
import type { DefaultRoute } from "../../src/network/route.ts";
import { errno } from "../routes/journal/memory-directory.ts";
import { type MemoryHost, memoryHost } from "../routes/memory-host.ts";
import { openManagedDaemon } from "./managed-daemon.ts";

let host: MemoryHost;
beforeEach(() => {
  host = memoryHost();
});

/** Writes into the journal that a default over eth0 was good. */
async function know(route: DefaultRoute): Promise<void> {
  await using journal = await host.openJournal();
  await journal.append([
    {
      kind: "last-known-good",
      family: route.family,
      raw: "",
      route: { ...route, nexthops: [...route.nexthops] },
      interfaces: [{ index: 2, name: "eth0", mac: "02:00:00:00:00:02", kind: "physical" }],
    },
  ]);
}

describe("GET /v1/routes/plan", () => {
  test("is empty when all stands, and says what would be done and what would undo it", async () => {
    await using daemon = await openManagedDaemon(host);
    const plan = async () => planSchema.parse((await daemon.ask("/v1/routes/plan")).json).steps;
    expect(await plan()).toEqual([]);
    host.directory.before = (call) => {
      if (call === "write") throw errno("ENOSPC");
    };
    await daemon.ask("/v1/routes/scoped/wlan0", { method: "DELETE" });
    await daemon.ask("/v1/routes/scoped/wlan0", { method: "POST" });
    expect(await plan()).toMatchObject([
      {
        what: "install-scoped",
        reason: "wlan0 (ipv4 via 10.1.0.1): there was none",
        text: "install the scoped default of wlan0 (ipv4 via 10.1.0.1): there was none",
        inverse: { do: "remove-scoped", family: "ipv4" },
        raw: null,
      },
    ]);
  });
});

describe("POST /v1/routes/restore", () => {
  const restore = (body?: string) => ({ method: "POST", ...(body === undefined ? {} : { body }) });
  const kept =
    "The scoped defaults stay, because netwatchd keeps them; they go when netwatchd is stopped.";

  test.each([
    ["without a body", undefined],
    ["with an empty object", "{}"],
  ])("%s, says that nothing had to be restored, and what stays", async (_, body) => {
    await using daemon = await openManagedDaemon(host);
    const before = host.snapshot();
    const answer = await daemon.ask("/v1/routes/restore", restore(body));
    expect(restoreSchema.parse(answer.json)).toEqual({
      kind: "done",
      exitCode: 0,
      sentences: ["Nothing to restore: no default is displaced or lost.", kept],
      steps: [],
    });
    expect(host.snapshot()).toEqual(before);
  });

  test("brings the last known good default back, and a dry run only says so", async () => {
    const [good] = host.platform.kernel.defaults("ipv6").routes;
    if (good === undefined) throw new Error("no default to lose");
    await know(good);
    host.platform.controls.setDefaults("ipv6", []);

    await using daemon = await openManagedDaemon(host);
    const routes = routesSchema.parse((await daemon.ask("/v1/routes")).json);
    expect(routes.lastKnownGood.ipv6).toMatchObject({ gateway: "fe80::1", interface: "eth0" });
    const dry = await daemon.ask("/v1/routes/restore", restore('{"dryRun":true}'));
    expect(restoreSchema.parse(dry.json)).toMatchObject({
      exitCode: 0,
      sentences: ["Would add ::/0 via fe80::1 dev eth0 metric 1024: was lost.", kept],
      steps: [{ what: "add-default", inverse: { do: "remove-default" } }],
    });
    expect(host.platform.kernel.defaults("ipv6").routes).toEqual([]);

    const done = await daemon.ask("/v1/routes/restore", restore());
    expect(restoreSchema.parse(done.json)).toMatchObject({
      kind: "done",
      exitCode: 0,
      sentences: ["Added ::/0 via fe80::1 dev eth0 metric 1024: was lost.", kept],
    });
    expect(host.platform.kernel.defaults("ipv6").routes).toMatchObject([{ gateway: "fe80::1" }]);
  });
});

describe("POST /v1/routes/forget", () => {
  test("forgets what is known, says what that was, and knows nothing more", async () => {
    const [good] = host.platform.kernel.defaults("ipv4").routes;
    if (good === undefined) throw new Error("no default to know");
    await know(good);
    await using daemon = await openManagedDaemon(host);
    const forget = async () =>
      forgetSchema.parse((await daemon.ask("/v1/routes/forget", { method: "POST" })).json)
        .forgotten;
    expect(await forget()).toMatchObject([
      { family: "ipv4", default: { gateway: "10.0.0.1", interface: "eth0" } },
    ]);
    const routes = routesSchema.parse((await daemon.ask("/v1/routes")).json);
    expect(routes.lastKnownGood.ipv4).toBeNull();
    expect(await forget()).toEqual([]);
    expect(host.directory.content("journal").toString()).toContain("last-known-good-void");
  });
});

test("POST /v1/routes/forget does not say that it forgot what it could not write down", async () => {
  const [good] = host.platform.kernel.defaults("ipv4").routes;
  if (good === undefined) throw new Error("no default to know");
  await know(good);
  await using daemon = await openManagedDaemon(host);
  const { capacity } = host.directory;
  host.directory.capacity = 0;
  const forget = () => daemon.ask("/v1/routes/forget", { method: "POST" });
  const known = async () =>
    routesSchema.parse((await daemon.ask("/v1/routes")).json).lastKnownGood.ipv4;
  for (const _ of [1, 2]) {
    const refused = await forget();
    expect(refused.status).toBe(503);
    expect(await known()).toMatchObject({ gateway: "10.0.0.1" });
  }
  host.directory.capacity = capacity;
  expect(forgetSchema.parse((await forget()).json).forgotten).toHaveLength(1);
  expect(await known()).toBeNull();
});

test("POST /v1/routes/restore on a full disk says that, and what to do", async () => {
  await using daemon = await openManagedDaemon(host, { routes: { scoped: [] } });
  host.directory.capacity = 0;
  // Something that must be written down is to be done from now on.
  await daemon.ask("/v1/routes/scoped/eth0", { method: "POST" });
  const answer = await daemon.ask("/v1/routes/restore", { method: "POST" });
  expect(restoreSchema.parse(answer.json)).toEqual({
    kind: "refused",
    exitCode: 5,
    sentences: [
      "Cannot write to the journal in /memory: no space left on the device.",
      "Make room on that disk, netwatchd then goes on by itself.",
    ],
    steps: [],
  });
});
