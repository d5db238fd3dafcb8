import { expect, test } from "vitest";
import type { NetworkInterface } from "../../src/network/interface.ts";
import type { DefaultRoute } from "../../src/network/route.ts";
import { emptyCarrierHistory, followCarriers } from "../../src/routes/gateway-memory.ts";
import { planOnce, reconcile } from "../../src/routes/reconcile.ts";
import { type Random, seededRandom } from "./journal/memory-directory.ts";
import {
  defaultRoute,
  intentions,
  link,
  type MemoryHost,
  memoryHost,
  never,
} from "./memory-host.ts";

const uplinks: readonly NetworkInterface[] = [
  link(2, "eth0", ["10.0.0.2/24", "2001:db8::2/64", "fe80::2/64"]),
  link(3, "wlan0", ["10.1.0.2/24", "fe80::3/64"], { kind: "wireless" }),
];
const foreignRule = {
  family: "ipv4",
  preference: 5101,
  oif: null,
  from: null,
  table: 77,
  suppressDefaults: false,
  protocol: "static",
} as const;

/** One thing that a network, its user or another program does. */
function happens(host: MemoryHost, random: Random): void {
  const { controls, kernel } = host.platform;
  const usual = uplinks[random(uplinks.length)];
  if (usual === undefined) return;
  const now = kernel.interfaces.get(usual.index);
  const subnet = usual.index === 2 ? "10.0.0" : "10.1.0";
  const set = (route: DefaultRoute): void => {
    const { routes } = kernel.defaults(route.family);
    const others = routes.filter((one) => one.metric !== route.metric);
    const link = kernel.interfaces.get(usual.index);
    const isHome = link?.addresses.some(({ address }) => address === `${subnet}.2`) === true;
    if (link?.up === true && isHome) controls.setDefaults(route.family, [...others, route]);
  };
  switch (random(11)) {
    case 0:
      if (now !== undefined) controls.setInterface({ ...now, up: false, carrier: false });
      break;
    case 1:
    case 2:
      controls.setInterface(usual);
      break;
    case 3:
      set(defaultRoute("ipv4", usual.index, `${subnet}.${1 + random(3)}`, { metric: usual.index }));
      break;
    case 4:
      set(
        defaultRoute("ipv6", usual.index, `fe80::${1 + random(3)}`, { metric: 1000 + usual.index }),
      );
      break;
    case 5:
      controls.removeInterface(usual.index);
      break;
    case 6:
      controls.setInterface({ ...usual, name: `new${usual.index}` });
      break;
    case 7:
      controls.setInterface({ ...usual, addresses: [] });
      controls.setInterface({ ...usual, addresses: link(1, "x", ["10.7.0.2/24"]).addresses });
      break;
    case 8:
      controls.setDefaults("ipv4", [defaultRoute("ipv4", 9, "10.9.0.1", { metric: 50 })]);
      break;
    case 9: {
      const kill = { type: "unreachable", interfaceIndex: null, metric: 9_999 } as const;
      const { routes } = kernel.defaults("ipv4");
      const without = routes.filter(({ type }) => type === "unicast");
      const killer = defaultRoute("ipv4", 0, null, kill);
      controls.setDefaults("ipv4", random(2) === 0 ? [...without, killer] : without);
      break;
    }
    default: {
      // Somebody takes one of our rules, or a route of our tables.
      const ours = kernel.rules.filter(({ protocol }) => protocol === "199");
      const gone = ours[random(Math.max(1, ours.length))];
      if (random(2) === 0) kernel.setRules(kernel.rules.filter((rule) => rule !== gone));
      else kernel.setScopedRoutes(kernel.scopedRoutes.slice(1));
    }
  }
}

test("after any sequence of changes one reconciliation is enough, and restore leaves nothing of ours", async () => {
  let installed = 0;
  for (let seed = 1; seed <= 60; seed += 1) {
    const random = seededRandom(seed);
    const host = memoryHost();
    const { kernel } = host.platform;
    if (random(3) === 0) kernel.setRules([foreignRule]);
    await using journal = await host.openJournal();
    const workplace = host.workplace(journal);
    let carriers = emptyCarrierHistory;
    for (let turn = 0; turn < 15; turn += 1) {
      if (turn > 0) happens(host, random);
      host.clock.ms += random(8_000);
      carriers = followCarriers(carriers, kernel.interfaces, host.clock.ms, 5_000);
      const surroundings = host.surroundings({ carriers });
      const foreign = JSON.stringify([
        kernel.defaults("ipv4").routes,
        kernel.defaults("ipv6").routes,
      ]);
      const where = `seed ${seed} turn ${turn}`;
      const { outcomes, plan } = await reconcile(intentions(), surroundings, workplace, never);
      expect(
        outcomes.filter(({ result }) => result !== "done"),
        where,
      ).toEqual([]);
      expect(plan.steps, where).toEqual([]);
      const again = await planOnce(intentions(), surroundings, workplace, never);
      expect(again.plan.steps, where).toEqual([]);
      const standing = again.reading.scoped;
      const views = plan.scoped.filter(({ state }) => state === "installed");
      installed += views.length;
      for (const view of views) {
        const of = standing.filter(
          ({ entry }) => entry.family === view.family && entry.interfaceName === view.interface,
        );
        expect(
          of.map(({ complete, entry }) => [complete, entry.gateway]),
          where,
        ).toEqual([[true, view.gateway]]);
      }
      expect(standing.filter(({ complete }) => complete).length, where).toBe(views.length);
      // What is not ours was not touched.
      expect(JSON.stringify([kernel.defaults("ipv4").routes, kernel.defaults("ipv6").routes])).toBe(
        foreign,
      );
    }
    const foreignRules = kernel.rules.filter(({ protocol }) => protocol !== "199");
    await host.restore();
    expect(kernel.scopedRoutes, `seed ${seed}`).toEqual([]);
    expect(kernel.rules, `seed ${seed}`).toEqual(foreignRules);
  }
  expect(installed).toBeGreaterThan(800);
});
