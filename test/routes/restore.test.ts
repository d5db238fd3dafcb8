import { expect, test } from "vitest";
import { PlatformError } from "../../src/platform/platform-error.ts";
import type { Journal } from "../../src/routes/journal/journal.ts";
import { reconcile } from "../../src/routes/reconcile.ts";
import { errno } from "./journal/memory-directory.ts";
import { lastKnownGood } from "./journal/sample-records.ts";
import {
  defaultRoute,
  displacing,
  intentions,
  type MemoryHost,
  memoryHost,
  never,
} from "./memory-host.ts";

/** A daemon that installed, displaced in both families, and was killed. */
async function killedDaemon(): Promise<{ readonly host: MemoryHost; readonly before: unknown }> {
  const host = memoryHost();
  const before = host.snapshot();
  await using journal = await host.openJournal();
  const wanted = intentions({
    displacing: [
      displacing(defaultRoute("ipv4", 9, "10.9.0.1"), "four"),
      displacing(defaultRoute("ipv6", 9, "fd00::1"), "six"),
    ],
  });
  await reconcile(wanted, host.surroundings(), host.workplace(journal), never);
  return { host, before };
}

function requestsOf(host: MemoryHost): string[] {
  const requests: string[] = [];
  host.control.controls.before = ({ kind }) => requests.push(kind);
  return requests;
}

test("restoreRoutes() says what it did, and the second time that there is nothing", async () => {
  const { host, before } = await killedDaemon();
  const outcome = await host.restore();
  expect(outcome).toMatchObject({ kind: "done", exitCode: 0 });
  expect(host.snapshot()).toEqual(before);
  expect(outcome.sentences.join("\n")).toContain("0.0.0.0/0 via 10.0.0.1 dev eth0");
  expect((await host.restore()).sentences).toEqual([
    "Nothing to restore: everything is as it was.",
  ]);
});

test("restoreRoutes() as a dry run shows the steps with their inverses and changes nothing", async () => {
  const { host } = await killedDaemon();
  const standing = host.snapshot();
  const written = Buffer.from(host.directory.content("journal"));
  const requests = requestsOf(host);
  const outcome = await host.restore({
    dryRun: true,
    lock: () => Promise.reject(new Error("a dry run takes no lock")),
  });
  expect(requests).toEqual(["read"]);
  expect(host.snapshot()).toEqual(standing);
  expect(host.directory.content("journal")).toEqual(written);
  expect(outcome.steps.map(({ what }) => what)).toContain("add-default");
  expect(outcome.steps.filter(({ what }) => what === "remove-scoped")).toHaveLength(3);
  for (const { what, inverse } of outcome.steps) {
    if (what === "add-default") expect(inverse).toMatchObject({ do: "remove-default" });
    if (what === "remove-default") expect(inverse).toMatchObject({ do: "add-default" });
  }
});

test("restoreRoutes() of two at once: the second waits and changes nothing", async () => {
  const { host, before } = await killedDaemon();
  let held = false;
  const lock = async () => {
    if (held) return { kind: "held", by: { pid: 7, uid: 0 } } as const;
    held = true;
    return {
      kind: "acquired",
      [Symbol.asyncDispose]: async () => {
        held = false;
      },
    } as const;
  };
  const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
  const options = { lock, pause, lockWaitMs: 1e9 };
  const outcomes = await Promise.all([host.restore(options), host.restore(options)]);
  expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(outcomes[1]?.steps).toEqual([]);
  expect(host.snapshot()).toEqual(before);
});

test("restoreRoutes() while somebody else manages the namespace refuses and says who", async () => {
  const { host } = await killedDaemon();
  const requests = requestsOf(host);
  const outcome = await host.restore({
    lock: async () => ({ kind: "held", by: { pid: 4711, uid: 0 } }),
  });
  expect(outcome).toMatchObject({ kind: "refused", exitCode: 3 });
  expect(outcome.sentences.join(" ")).toContain("4711");
  expect(requests).toEqual([]);
});

test("restoreRoutes() without the right to it says so and what to do", async () => {
  const { host } = await killedDaemon();
  host.control.controls.before = ({ kind }) => {
    if (kind !== "read") throw new PlatformError("permission", "change routes");
  };
  const outcome = await host.restore();
  expect(outcome).toMatchObject({ kind: "refused", exitCode: 4 });
  expect(outcome.sentences.join(" ")).toContain("as root");
});

test("restoreRoutes() may not read the journal: exit 4", async () => {
  const { host } = await killedDaemon();
  host.directory.before = () => {
    throw errno("EACCES");
  };
  expect(await host.restore()).toMatchObject({ kind: "refused", exitCode: 4 });
});

test.each(["ENOSPC", "EROFS"])(
  "restoreRoutes() on a disk that answers %s restores all the same",
  async (code) => {
    const { host, before } = await killedDaemon();
    host.directory.before = (call) => {
      if (call === "write" || call === "create" || (code === "EROFS" && call === "sync-file"))
        throw errno(code);
    };
    const outcome = await host.restore();
    expect(outcome).toMatchObject({ kind: "partly", exitCode: 5 });
    expect(outcome.sentences.join(" ")).toContain("journal could not be written");
    expect(host.snapshot()).toEqual(before);
    const requests = requestsOf(host);
    await host.restore();
    expect(new Set(requests)).toEqual(new Set(["read"]));
  },
);

test("restoreRoutes() reads nothing of a newer version and changes nothing", async () => {
  const { host } = await killedDaemon();
  const { crc32 } = await import("node:zlib");
  const covered = '"v":2,"new":true}';
  const crc = crc32(covered).toString(16).padStart(8, "0");
  host.directory.put("journal", Buffer.from(`{"crc":"${crc}",${covered}\n`));
  const requests = requestsOf(host);
  expect(await host.restore()).toMatchObject({ kind: "refused", exitCode: 5 });
  expect(requests).toEqual([]);
});

test("restoreRoutes() removes orphans of our mark after the journal was lost, and nothing else", async () => {
  const { host } = await killedDaemon();
  host.directory.names.clear();
  const outcome = await host.restore();
  expect(outcome).toMatchObject({ kind: "done", exitCode: 0 });
  const { routes } = host.platform.kernel.defaults("ipv4");
  expect(routes.map(({ protocol, metric }) => [protocol, metric])).toEqual([["dhcp", 600]]);
  expect(host.platform.kernel.rules).toEqual([]);
  expect(host.platform.kernel.scopedRoutes).toEqual([]);
});

test("restoreRoutes() ignores debts of another boot and another namespace", async () => {
  const { host } = await killedDaemon();
  host.platform.controls.setDefaults("ipv4", []);
  const identity = { bootId: "00000000-0000-4000-8000-000000000000", namespaceCookie: "4097" };
  const control = { ...host.control, identity: () => identity };
  await host.restore({ control });
  expect(host.platform.kernel.defaults("ipv4").routes).toEqual([]);
});

test("restoreRoutes() gives a family without any default its last known good one", async () => {
  const host = memoryHost();
  const write = async (work: (journal: Journal) => Promise<void>): Promise<void> => {
    await using journal = await host.openJournal();
    await work(journal);
  };
  const good = lastKnownGood("10.0.0.1");
  if (good.kind !== "last-known-good") throw new Error("not the sample");
  const eth0 = { index: 2, name: "eth0", mac: "02:00:00:00:00:02", kind: "physical" } as const;
  const route = { ...good.route, interfaceIndex: 2, source: null };
  await write((journal) => journal.append([{ ...good, route, interfaces: [eth0] }]));
  // While a default stands nothing is offered.
  expect((await host.restore()).steps).toEqual([]);
  host.platform.controls.setDefaults("ipv4", []);
  expect(await host.restore()).toMatchObject({ kind: "done", exitCode: 0 });
  expect(host.platform.kernel.defaults("ipv4").routes).toMatchObject([{ gateway: "10.0.0.1" }]);
});

test("restoreRoutes() as settle leaves the scoped defaults, as withdraw it takes them away", async () => {
  const { host, before } = await killedDaemon();
  expect((await host.restore({ verb: "settle" })).exitCode).toBe(0);
  expect(host.snapshot()).toMatchObject({ ipv4: (before as { ipv4: unknown }).ipv4 });
  expect((await host.control.read(never)).scoped.filter(({ complete }) => complete)).toHaveLength(
    3,
  );
  expect((await host.restore({ verb: "withdraw" })).exitCode).toBe(0);
  expect(host.snapshot()).toEqual(before);
});
