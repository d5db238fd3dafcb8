import { expect, test } from "vitest";
import type { Journal } from "../../src/routes/journal/journal.ts";
import { foldJournal, type JournalState } from "../../src/routes/journal/journal-state.ts";
import { type Reconciled, reconcile } from "../../src/routes/reconcile.ts";
import {
  auto,
  defaultRoute,
  displacing,
  identity,
  intentions,
  link,
  type MemoryHost,
  memoryHost,
  never,
} from "./memory-host.ts";

function run(
  host: MemoryHost,
  journal: Journal,
  wanted = intentions(),
  surroundings = host.surroundings(),
): Promise<Reconciled> {
  return reconcile(wanted, surroundings, host.workplace(journal), never);
}

function stateOf(journal: Journal): JournalState {
  return foldJournal(journal.records, identity);
}

async function scopedOf(host: MemoryHost): Promise<readonly unknown[]> {
  const { scoped } = await host.control.read(never);
  return scoped.map(({ entry, complete }) => [
    entry.family,
    entry.interfaceName,
    entry.gateway,
    entry.slot,
    complete,
  ]);
}

test("reconcile() installs a scoped default for each uplink and family", async () => {
  const host = memoryHost();
  await using journal = await host.openJournal();
  const { plan, outcomes } = await run(host, journal);
  expect(outcomes.map(({ result }) => result)).toEqual(["done", "done", "done"]);
  expect(plan.steps).toEqual([]);
  expect(await scopedOf(host)).toEqual([
    ["ipv4", "eth0", "10.0.0.1", 0, true],
    ["ipv4", "wlan0", "10.1.0.1", 1, true],
    ["ipv6", "eth0", "fe80::1", 0, true],
  ]);
  expect(plan.scoped.map(({ state, adopted, reason }) => [state, adopted, reason])).toEqual([
    ["installed", false, null],
    ["installed", false, null],
    ["installed", false, null],
  ]);
});

test("reconcile() changes nothing and writes nothing when it has nothing to do", async () => {
  const host = memoryHost();
  await using journal = await host.openJournal();
  await run(host, journal);
  const size = journal.size;
  const requests: string[] = [];
  host.control.controls.before = ({ kind }) => requests.push(kind);
  const { outcomes } = await run(host, journal);
  expect(outcomes).toEqual([]);
  expect(requests).toEqual(["read"]);
  expect(journal.size).toBe(size);
});

test("reconcile() flushes once before all installs of a plan and once behind them", async () => {
  const host = memoryHost();
  await using journal = await host.openJournal();
  const before = host.directory.calls.filter((call) => call === "sync-file").length;
  await run(host, journal);
  const after = host.directory.calls.filter((call) => call === "sync-file").length;
  expect(after - before).toBe(2);
});

test("reconcile() adopts what stands as wished without touching the kernel", async () => {
  const host = memoryHost();
  {
    await using journal = await host.openJournal();
    await run(host, journal);
  }
  host.directory.names.clear();
  await using journal = await host.openJournal();
  const requests: string[] = [];
  host.control.controls.before = ({ kind }) => requests.push(kind);
  const { plan, outcomes } = await run(host, journal);
  expect(outcomes.map(({ step }) => step.kind)).toEqual(Array(3).fill("adopt-scoped"));
  expect(new Set(requests)).toEqual(new Set(["read"]));
  expect(plan.scoped.every(({ adopted }) => adopted)).toBe(true);
  expect(stateOf(journal).slots).toHaveLength(3);
});

test("reconcile() follows another gateway without taking the rules away", async () => {
  const host = memoryHost();
  await using journal = await host.openJournal();
  await run(host, journal);
  host.platform.controls.setDefaults("ipv4", [defaultRoute("ipv4", 2, "10.0.0.254")]);
  const requests: string[] = [];
  host.control.controls.before = ({ kind }) => requests.push(kind);
  await run(host, journal);
  expect(requests.filter((kind) => kind !== "read")).toEqual(["add-route"]);
  // wlan0 keeps the gateway that the journal remembers of it.
  expect(await scopedOf(host)).toMatchObject([
    ["ipv4", "eth0", "10.0.0.254", 0, true],
    ["ipv4", "wlan0", "10.1.0.1", 1, true],
    ["ipv6", "eth0", "fe80::1", 0, true],
  ]);
});

test("reconcile() puts back the table's route that a link's down took silently", async () => {
  const host = memoryHost();
  await using journal = await host.openJournal();
  await run(host, journal);
  const eth0 = link(2, "eth0", ["10.0.0.2/24", "2001:db8::2/64", "fe80::2/64"]);
  host.platform.controls.setInterface({ ...eth0, up: false, carrier: false });
  const down = await run(host, journal);
  expect(down.plan.scoped.find(({ interface: name }) => name === "eth0")).toMatchObject({
    state: "stale",
    reason: "interface-down: eth0 is down",
  });
  host.platform.controls.setInterface(eth0);
  await run(host, journal);
  expect(await scopedOf(host)).toContainEqual(["ipv4", "eth0", "10.0.0.1", 0, true]);
});

test("reconcile() takes a gateway as unknown after the prefixes changed", async () => {
  const host = memoryHost();
  await using journal = await host.openJournal();
  const glob = intentions({ scoped: { ...auto, scoped: (name) => name === "eth0" } });
  await run(host, journal, glob);
  host.platform.controls.setDefaults("ipv4", []);
  host.platform.controls.setInterface(link(2, "eth0", ["10.7.0.2/24"]));
  const { plan } = await run(host, journal, glob);
  expect(plan.scoped[0]).toMatchObject({ state: "pending", gateway: null });
  expect(plan.scoped[0]?.reason).toContain("no-gateway-known");
  expect((await scopedOf(host)).filter((one) => String(one).startsWith("ipv4"))).toEqual([]);
});

test("reconcile() moves to the new name of a renamed interface", async () => {
  const host = memoryHost();
  await using journal = await host.openJournal();
  await run(host, journal);
  host.platform.controls.setInterface(
    link(2, "lan0", ["10.0.0.2/24", "2001:db8::2/64", "fe80::2/64"]),
  );
  const { plan } = await run(host, journal);
  expect(plan.steps).toEqual([]);
  const names = (await scopedOf(host)).map((one) => (one as string[])[1]);
  expect(names.toSorted()).toEqual(["lan0", "lan0", "wlan0"]);
  expect(host.platform.kernel.rules.some(({ oif }) => oif === "eth0")).toBe(false);
});

test("reconcile() takes the next slot where somebody else stands", async () => {
  const host = memoryHost();
  const foreign = {
    family: "ipv4",
    preference: 5100,
    oif: null,
    from: null,
    table: 77,
    suppressDefaults: false,
    protocol: "boot",
  } as const;
  host.platform.kernel.setRules([foreign]);
  await using journal = await host.openJournal();
  await run(host, journal);
  expect(await scopedOf(host)).toContainEqual(["ipv4", "eth0", "10.0.0.1", 1, true]);
  await host.restore();
  expect(host.platform.kernel.rules).toEqual([foreign]);
});

test("reconcile() names the connected prefixes while main refuses everything", async () => {
  const host = memoryHost();
  await using journal = await host.openJournal();
  await run(host, journal);
  const routes = host.platform.kernel.defaults("ipv4").routes;
  const killer = defaultRoute("ipv4", 0, null, {
    type: "blackhole",
    interfaceIndex: null,
    metric: 5000,
  });
  host.platform.controls.setDefaults("ipv4", [...routes, killer]);
  await run(host, journal);
  const [eth0] = (await host.control.read(never)).scoped;
  expect(eth0).toMatchObject({
    complete: true,
    entry: { form: "throw", connected: ["10.0.0.0/24"] },
  });
  host.platform.controls.setDefaults("ipv4", routes);
  const { plan } = await run(host, journal);
  expect(plan.steps).toEqual([]);
  expect((await host.control.read(never)).scoped[0]?.entry.form).toBe("pair");
});

test("reconcile() removes all of a family whose local rule was moved, and says why", async () => {
  const host = memoryHost();
  await using journal = await host.openJournal();
  await run(host, journal);
  host.control.controls.obstacles = [{ kind: "local-rule-moved", family: "ipv4" }];
  const { plan } = await run(host, journal);
  expect(plan.scoped.map(({ state }) => state)).toEqual(["pending", "pending", "installed"]);
  expect(host.platform.kernel.rules.every(({ family }) => family === "ipv6")).toBe(true);
});

test("reconcile() says what keeps an entry from doing all it promises", async () => {
  const host = memoryHost();
  host.control.controls.obstacles = [{ kind: "rp-filter-strict", interfaceIndex: 2 }];
  await using journal = await host.openJournal();
  const { plan } = await run(host, journal);
  expect(plan.scoped[0]).toMatchObject({ interface: "eth0", state: "degraded" });
  expect(plan.scoped[0]?.reason).toContain("net.ipv4.conf.eth0.rp_filter");
  expect(plan.scoped[1]).toMatchObject({ interface: "wlan0", state: "installed" });
});

test("reconcile() shows as pending what the kernel refuses, in its words, and leaves nothing behind", async () => {
  const host = memoryHost();
  // The address moved while the default stayed: its gateway is on no link any more.
  host.platform.controls.setInterface(link(2, "eth0", ["10.7.0.2/24", "fe80::2/64"]));
  await using journal = await host.openJournal();
  const { plan, outcomes } = await run(host, journal);
  expect(outcomes.filter(({ result }) => result === "failed").length).toBeGreaterThan(0);
  expect(plan.scoped[0]).toMatchObject({ interface: "eth0", state: "pending" });
  expect(plan.scoped[0]?.reason).toContain("Nexthop has invalid gateway");
  expect(plan.scoped[1]).toMatchObject({ interface: "wlan0", state: "installed" });
  expect(
    host.platform.kernel.rules.some(({ oif, family }) => oif === "eth0" && family === "ipv4"),
  ).toBe(false);
});

test("reconcile() displaces with one flush, ours first, and gives back exactly what stood", async () => {
  const host = memoryHost();
  const before = host.snapshot();
  await using journal = await host.openJournal();
  const syncs = (): number => host.directory.calls.filter((call) => call === "sync-file").length;
  const syncsBefore = syncs();
  const wish = displacing(defaultRoute("ipv4", 9, "10.9.0.1"));
  const wanted = intentions({ scoped: null, displacing: [wish] });
  const requests: string[] = [];
  host.control.controls.before = ({ kind }) => requests.push(kind);
  const { plan } = await run(host, journal, wanted);
  expect(plan.steps).toEqual([]);
  expect(requests.filter((kind) => kind !== "read")).toEqual(["add-route", "remove-route"]);
  expect(syncs() - syncsBefore).toBe(1);
  expect(plan.displaced).toMatchObject([{ family: "ipv4", by: "vpn", state: "displaced" }]);
  const { routes } = host.platform.kernel.defaults("ipv4");
  expect(routes.map(({ interfaceIndex }) => interfaceIndex)).toEqual([9, 3]);
  const settled = await run(host, journal, intentions({ scoped: null }));
  expect(settled.plan.displaced).toEqual([]);
  expect(host.snapshot()).toEqual(before);
  expect(stateOf(journal).openDebts).toEqual([]);
});

test("reconcile() keeps the order of defaults of equal key", async () => {
  const host = memoryHost();
  const same = [
    defaultRoute("ipv4", 2, "10.0.0.1", { metric: 0 }),
    defaultRoute("ipv4", 2, "10.0.0.7", { metric: 0, position: 1 }),
    defaultRoute("ipv4", 3, "10.1.0.1", { metric: 0, position: 2 }),
  ];
  host.platform.controls.setDefaults("ipv4", same);
  const before = host.snapshot();
  await using journal = await host.openJournal();
  const wish = displacing(defaultRoute("ipv4", 9, "10.9.0.1", { metric: 0 }));
  await run(host, journal, intentions({ scoped: null, displacing: [wish] }));
  // Somebody puts the middle one back, before all others.
  host.platform.controls.setDefaults("ipv4", same.slice(1, 2));
  await run(host, journal, intentions({ scoped: null }));
  expect(host.snapshot()).toEqual(before);
});
