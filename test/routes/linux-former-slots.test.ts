import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { NetworkInterface } from "../../src/network/interface.ts";
import { openLinuxPlatform } from "../../src/platform/linux/linux-platform.ts";
import { openLinuxRouteControl } from "../../src/platform/linux/linux-route-control.ts";
import type { Platform } from "../../src/platform/platform.ts";
import type { RouteControl } from "../../src/platform/route-control.ts";
import { guardRemovals } from "../../src/routes/flushed-record.ts";
import { emptyCarrierHistory } from "../../src/routes/gateway-memory.ts";
import type { JournalMoment } from "../../src/routes/journal/journal-entry.ts";
import { openJournal } from "../../src/routes/journal/open-journal.ts";
import { type Reconciled, reconcile } from "../../src/routes/reconcile.ts";
import { restoreRoutes } from "../../src/routes/restore.ts";
import type { RestoreOutcome } from "../../src/routes/restore-outcome.ts";
import {
  layout,
  openRouteControlHost,
  type RouteControlHost,
  twoUplinks,
} from "../platform/linux/route-control-host.ts";
import { type MemoryDirectory, memoryDirectory } from "./journal/memory-directory.ts";
import { auto, defaultRoute, displacing, intentions, never, places } from "./memory-host.ts";

type Places = typeof places;

describe.skipIf(process.platform !== "linux")("another configuration over Linux", () => {
  let host: RouteControlHost;
  let platform: Platform;
  let directory: MemoryDirectory;
  let plans = 0;

  beforeEach(async () => {
    host = await openRouteControlHost();
    platform = openLinuxPlatform();
    directory = memoryDirectory();
    host.ip(
      ...twoUplinks,
      "route add default via 10.0.0.1 dev up0 metric 100",
      "route add default via 10.1.0.1 dev up1 metric 600",
      "route add default via fd00::1 dev up0 metric 1024",
    );
    await host.settle("up0", "up0p", "up1", "up1p");
  });
  afterEach(async () => {
    await platform[Symbol.asyncDispose]();
    await host[Symbol.asyncDispose]();
  });

  const moment = (): JournalMoment => ({ epochMs: Date.now(), uptimeMs: performance.now() });
  const newPlanName = (): string => {
    plans += 1;
    return `plan-${plans}`;
  };
  const readInterfaces = async (): Promise<ReadonlyMap<number, NetworkInterface>> => {
    const { interfaces } = await platform.read({ kind: "all" }, never);
    return new Map([...interfaces].flatMap(([at, link]) => (link === null ? [] : [[at, link]])));
  };
  const wayOf = (name: string): string =>
    host.namespace.ip(`route get 198.51.100.1 oif ${name}`).split("\n")[0] ?? "";

  /** One run of a daemon until it is killed: nothing is taken back. */
  const run = async (
    at: Places,
    wanted: Parameters<typeof intentions>[0] = {},
    watch: (control: RouteControl) => RouteControl = (control) => control,
  ): Promise<Reconciled> => {
    const control = openLinuxRouteControl({ ...layout, ...at });
    await using journal = await openJournal(directory, control.identity(), { now: moment });
    const workplace = {
      control: guardRemovals(watch(control)),
      journal,
      places: at,
      newPlanName,
      uptimeMs: () => performance.now(),
    };
    const surroundings = {
      interfaces: await readInterfaces(),
      carriers: emptyCarrierHistory,
      holds: [],
      madeHere: new Set<string>(),
      refused: new Map<string, string>(),
      tag: String(at.protocol),
      now: Date.now,
      changedAtUptimeMs: performance.now(),
    };
    try {
      return await reconcile(
        intentions({ scoped: auto, ...wanted }),
        surroundings,
        workplace,
        never,
      );
    } finally {
      await control[Symbol.asyncDispose]();
    }
  };
  const restore = async (at: Places): Promise<RestoreOutcome> => {
    const control = openLinuxRouteControl({ ...layout, ...at });
    try {
      return await restoreRoutes(
        {
          verb: "restore",
          control,
          directory,
          lock: async () => ({ kind: "acquired", [Symbol.asyncDispose]: async () => undefined }),
          lockWaitMs: 0,
          readInterfaces,
          tag: String(at.protocol),
          places: at,
          moment,
          newPlanName,
          pause: async () => undefined,
          dryRun: false,
        },
        never,
      );
    } finally {
      await control[Symbol.asyncDispose]();
    }
  };

  const elsewhere = { preferenceBase: 6100, tableBase: 6100, protocol: 199 };

  test.each<[string, Places]>([
    ["other bases", elsewhere],
    ["another mark", { ...places, protocol: 150 }],
  ])("with %s a daemon takes away what the killed one left, without a gap", async (_name, next) => {
    await run(places);
    const ways: string[] = [];
    const watched = (control: RouteControl): RouteControl => {
      const look = async <Result>(work: Promise<Result>): Promise<Result> => {
        const result = await work;
        ways.push(wayOf("up1"));
        return result;
      };
      return {
        ...control,
        addScoped: (entry, signal) => look(control.addScoped(entry, signal)),
        removeScoped: (entry, signal) => look(control.removeScoped(entry, signal)),
        formerly(then) {
          const former = control.formerly?.(then);
          if (former === undefined) throw new Error("no former places");
          return { removeScoped: (entry, signal) => look(former.removeScoped(entry, signal)) };
        },
      };
    };
    const { plan, outcomes } = await run(next, {}, watched);
    expect(outcomes.filter(({ result }) => result !== "done")).toEqual([]);
    expect(plan.steps).toEqual([]);
    expect(plan.scoped.map(({ state }) => state)).toEqual(["installed", "installed", "installed"]);
    expect(ways.length).toBeGreaterThanOrEqual(6);
    for (const way of ways) expect(way).toMatch(/via 10\.1\.0\.1 dev up1/);
    for (const family of ["ipv4", "ipv6"] as const) {
      const ours = host
        .rules(family)
        .split("\n")
        .filter((line) => line.includes("oif up"));
      expect(ours.length).toBe(family === "ipv4" ? 4 : 2);
      for (const line of ours) expect(line).toContain(`proto ${next.protocol}`);
      for (const line of ours) {
        const preference = Number(line.split(":")[0]);
        expect(preference - next.preferenceBase).toBeGreaterThanOrEqual(0);
        expect(preference - next.preferenceBase).toBeLessThan(100);
      }
      if (next === elsewhere) expect(host.table(family, 5100)).toBe("");
    }
    const { outcomes: again } = await run(next);
    expect(again).toEqual([]);
  });

  test.each<[string, Places]>([
    ["the same tables under other preferences", { ...places, preferenceBase: 6100 }],
    ["the same preferences over other tables", { ...places, tableBase: 6100 }],
    ["places across the old ones", { preferenceBase: 5101, tableBase: 5101, protocol: 199 }],
  ])("with %s the new ones stand in the end, and no other", async (_name, next) => {
    await run(places);
    const { plan } = await run(next);
    expect(plan.scoped.map(({ state }) => state)).toEqual(["installed", "installed", "installed"]);
    expect(wayOf("up0")).toMatch(/via 10\.0\.0\.1 dev up0/);
    expect(wayOf("up1")).toMatch(/via 10\.1\.0\.1 dev up1/);
    expect((await run(next)).outcomes).toEqual([]);
    const rules = host.rules("ipv4").split("\n");
    expect(rules.filter((line) => line.includes("oif up"))).toHaveLength(4);
  });

  test.each<[string, Places]>([
    ["other bases", elsewhere],
    ["another mark", { ...places, protocol: 150 }],
  ])(
    "restore with %s gives the tables and rules of before, displaced defaults too",
    async (_name, next) => {
      const before = host.routing();
      const wish = displacing(
        defaultRoute("ipv4", host.indexOf("up1"), "10.1.0.1", { metric: 50 }),
      );
      await run(places, { displacing: [wish] });
      expect(host.table("ipv4", "main")).toMatch(
        /^default via 10\.1\.0\.1 dev up1 proto 199 metric 50/,
      );
      expect(await restore(next)).toMatchObject({ kind: "done", exitCode: 0 });
      expect(host.routing()).toBe(before);
      expect((await restore(next)).steps).toEqual([]);
    },
  );

  test("a host route of another mark is taken away by that mark alone", async () => {
    const server = {
      family: "ipv4",
      destination: "203.0.113.5",
      gateway: "10.0.0.1",
      interfaceIndex: host.indexOf("up0"),
      onlink: false,
    } as const;
    expect(await host.control.addHost?.(server, never)).toBe("added");
    const next = openLinuxRouteControl({ ...layout, protocol: 150 });
    expect(await next.removeHost?.(server, never)).toBe("already-gone");
    expect(await next.formerly?.(places).removeHost?.(server, never)).toBe("removed");
    expect(host.table("ipv4", "main")).not.toContain("203.0.113.5");
    await next[Symbol.asyncDispose]();
  });
});
