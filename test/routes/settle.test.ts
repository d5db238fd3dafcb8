import { expect, test } from "vitest";
import type { DefaultRoute } from "../../src/network/route.ts";
import { foldJournal } from "../../src/routes/journal/journal-state.ts";
import { reconcile } from "../../src/routes/reconcile.ts";
import {
  defaultRoute,
  displacing,
  epochMs,
  identity,
  intentions,
  link,
  type MemoryHost,
  memoryHost,
  never,
} from "./memory-host.ts";

const tunnel = (family: "ipv4" | "ipv6"): DefaultRoute =>
  family === "ipv4"
    ? defaultRoute("ipv4", 9, "10.9.0.1", { metric: 50 })
    : defaultRoute("ipv6", 9, "fd00::1");

/** A daemon that displaced the only default of a family and was killed. */
async function displaced(family: "ipv4" | "ipv6", route: DefaultRoute): Promise<MemoryHost> {
  const host = memoryHost();
  host.platform.controls.setDefaults(family, [route]);
  await using journal = await host.openJournal();
  const wish = displacing({ ...tunnel(family), metric: route.metric });
  const wanted = intentions({ scoped: null, displacing: [wish] });
  await reconcile(wanted, host.surroundings(), host.workplace(journal), never);
  expect(standing(host, family)).toEqual([[9, wish.route.gateway]]);
  return host;
}

function standing(host: MemoryHost, family: "ipv4" | "ipv6"): readonly unknown[] {
  return host.platform.kernel
    .defaults(family)
    .routes.map(({ interfaceIndex, gateway }) => [interfaceIndex, gateway]);
}

async function openDebts(host: MemoryHost): Promise<number> {
  await using journal = await host.openJournal();
  return foldJournal(journal.records, identity).openDebts.length;
}

const eth0 = ["10.0.0.2/24", "2001:db8::2/64", "fe80::2/64"];

test("a live default of somebody else, no tunnel's, closes the debt as theirs", async () => {
  const host = await displaced("ipv4", defaultRoute("ipv4", 2, "10.0.0.1"));
  host.platform.controls.setDefaults("ipv4", [defaultRoute("ipv4", 3, "10.1.0.1")]);
  expect(await host.restore()).toMatchObject({ kind: "done", exitCode: 0 });
  expect(standing(host, "ipv4")).toEqual([[3, "10.1.0.1"]]);
  expect(await openDebts(host)).toBe(0);
});

test("a tunnel's default does not close a debt", async () => {
  const host = await displaced("ipv4", defaultRoute("ipv4", 2, "10.0.0.1"));
  host.platform.controls.setDefaults("ipv4", [defaultRoute("ipv4", 9, null, { metric: 50 })]);
  expect((await host.restore()).exitCode).toBe(0);
  expect(standing(host, "ipv4")).toEqual([
    [9, null],
    [2, "10.0.0.1"],
  ]);
});

test("a live default to the same gateway settles, whatever its metric and protocol", async () => {
  const host = await displaced("ipv4", defaultRoute("ipv4", 2, "10.0.0.1"));
  const again = defaultRoute("ipv4", 2, "10.0.0.1", { metric: 1002, protocol: "dhcp" });
  host.platform.controls.setDefaults("ipv4", [again]);
  expect((await host.restore()).exitCode).toBe(0);
  expect(host.platform.kernel.defaults("ipv4").routes).toEqual([again]);
});

test("a source that is gone is left out, which is partly done", async () => {
  const host = await displaced("ipv4", defaultRoute("ipv4", 2, "10.0.0.1", { source: "10.0.0.2" }));
  host.platform.controls.setInterface(link(2, "eth0", ["10.0.0.3/24"]));
  const outcome = await host.restore();
  expect(outcome).toMatchObject({ kind: "partly", exitCode: 5 });
  expect(outcome.sentences.join(" ")).toContain("without the source 10.0.0.2");
  expect(host.platform.kernel.defaults("ipv4").routes).toMatchObject([
    { gateway: "10.0.0.1", source: null },
  ]);
  expect(await host.restore()).toMatchObject({ exitCode: 0, steps: [] });
});

test("an interface that is gone keeps the debt, and its return under a new index settles it", async () => {
  const host = await displaced("ipv4", defaultRoute("ipv4", 2, "10.0.0.1"));
  host.platform.controls.removeInterface(2);
  const outcome = await host.restore();
  expect(outcome).toMatchObject({ kind: "partly", exitCode: 5 });
  expect(outcome.sentences.join(" ")).toContain("interface-gone: eth0");
  const mac = "02:00:00:00:00:02";
  host.platform.controls.setInterface(link(17, "eth0", eth0, { mac }));
  expect((await host.restore()).exitCode).toBe(0);
  expect(standing(host, "ipv4")).toEqual([[17, "10.0.0.1"]]);
});

test("a debt whose interface stays away is given up after seven days", async () => {
  const host = await displaced("ipv4", defaultRoute("ipv4", 2, "10.0.0.1"));
  host.platform.controls.removeInterface(2);
  host.clock.ms += 7 * 24 * 3_600_000 - 1;
  expect((await host.restore()).exitCode).toBe(5);
  host.clock.ms += 60_002;
  expect((await host.restore()).exitCode).toBe(0);
  expect(await openDebts(host)).toBe(0);
});

test("a gateway that nothing reaches is tried at 0.5, 2.5 and 12.5 s, then reported", async () => {
  const host = await displaced("ipv4", defaultRoute("ipv4", 2, "10.0.0.1"));
  host.platform.controls.setInterface(link(2, "eth0", ["10.7.0.2/24"]));
  const times: number[] = [];
  const start = host.clock.ms;
  host.control.controls.before = ({ kind }) => {
    if (kind === "add-route") times.push(host.clock.ms - start);
  };
  const outcome = await host.restore();
  expect(outcome).toMatchObject({ kind: "partly", exitCode: 5 });
  expect(outcome.sentences.join(" ")).toContain("Nexthop has invalid gateway");
  expect(times).toEqual([0, 500, 3_000, 15_500]);
  // It is not tried again until something changes or somebody asks; then it works.
  host.platform.controls.setInterface(link(2, "eth0", eth0));
  host.clock.ms += 1;
  expect((await host.restore()).exitCode).toBe(0);
  expect(standing(host, "ipv4")).toEqual([[2, "10.0.0.1"]]);
});

test("a router's default comes back by its own announcement", async () => {
  const own = defaultRoute("ipv6", 2, "fe80::1", { protocol: "ra", expiresAt: epochMs + 2e6 });
  const host = await displaced("ipv6", own);
  const asked: number[] = [];
  host.control.controls.onSolicit = (index) => {
    asked.push(index);
    if (asked.length === 2) {
      const { routes } = host.platform.kernel.defaults("ipv6");
      host.platform.controls.setDefaults("ipv6", [...routes, own]);
    }
  };
  expect((await host.restore()).exitCode).toBe(0);
  expect(asked).toEqual([2, 2]);
  expect(host.platform.kernel.defaults("ipv6").routes).toEqual([own]);
});

test("where no router answers within 4 s one of ours stands in, and goes when the router's comes", async () => {
  const own = defaultRoute("ipv6", 2, "fe80::1", { protocol: "ra", expiresAt: epochMs + 2e6 });
  const host = await displaced("ipv6", own);
  const start = host.clock.ms;
  const outcome = await host.restore();
  expect(outcome).toMatchObject({ kind: "partly", exitCode: 5 });
  const waited = host.clock.ms - start;
  expect(waited).toBeGreaterThanOrEqual(4_000);
  expect(waited).toBeLessThan(4_100);
  expect(host.platform.kernel.defaults("ipv6").routes).toMatchObject([
    { protocol: "199", gateway: "fe80::1", expiresAt: epochMs + host.clock.ms + 600_000 },
  ]);
  const again = await host.restore();
  expect(again.steps).toEqual([]);
  const { routes } = host.platform.kernel.defaults("ipv6");
  host.platform.controls.setDefaults("ipv6", [...routes, { ...own, metric: 1025 }]);
  expect((await host.restore()).exitCode).toBe(0);
  expect(host.platform.kernel.defaults("ipv6").routes).toMatchObject([{ protocol: "ra" }]);
});

test("one family that cannot be settled does not keep the other", async () => {
  const host = await displaced("ipv4", defaultRoute("ipv4", 2, "10.0.0.1"));
  {
    await using journal = await host.openJournal();
    const six = displacing(tunnel("ipv6"), "six");
    const four = displacing({ ...tunnel("ipv4"), metric: 100 });
    const wanted = intentions({ scoped: null, displacing: [six, four] });
    await reconcile(wanted, host.surroundings(), host.workplace(journal), never);
  }
  host.platform.controls.setInterface(link(2, "eth0", ["10.7.0.2/24", ...eth0.slice(1)]));
  expect((await host.restore()).exitCode).toBe(5);
  expect(standing(host, "ipv6")).toEqual([[2, "fe80::1"]]);
});

test("what another debt has brought back is nobody else's choice", async () => {
  const host = memoryHost();
  const before = host.snapshot();
  {
    await using journal = await host.openJournal();
    const first = displacing(defaultRoute("ipv4", 9, "10.9.0.1"), "first");
    const second = displacing(defaultRoute("ipv4", 9, "10.9.0.1", { metric: 700 }), "second");
    for (const wishes of [[first], [first, second]]) {
      const wanted = intentions({ scoped: null, displacing: wishes });
      await reconcile(wanted, host.surroundings(), host.workplace(journal), never);
    }
  }
  expect(standing(host, "ipv4")).toEqual([
    [9, "10.9.0.1"],
    [9, "10.9.0.1"],
  ]);
  const wlan0 = link(3, "wlan0", ["10.1.0.2/24", "fe80::3/64"], { kind: "wireless" });
  host.platform.controls.setInterface({ ...wlan0, up: false, carrier: false });
  expect((await host.restore()).exitCode).toBe(5);
  expect(standing(host, "ipv4")).toEqual([[2, "10.0.0.1"]]);
  host.platform.controls.setInterface(wlan0);
  expect((await host.restore()).exitCode).toBe(0);
  expect(host.snapshot()).toEqual(before);
});
