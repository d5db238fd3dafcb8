import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { NetworkInterface } from "../../src/network/interface.ts";
import { openLinuxPlatform } from "../../src/platform/linux/linux-platform.ts";
import type { Platform } from "../../src/platform/platform.ts";
import type { RouteControl } from "../../src/platform/route-control.ts";
import { guardRemovals } from "../../src/routes/flushed-record.ts";
import { emptyCarrierHistory } from "../../src/routes/gateway-memory.ts";
import type { JournalMoment } from "../../src/routes/journal/journal-entry.ts";
import { openJournal } from "../../src/routes/journal/open-journal.ts";
import { reconcile, type Surroundings } from "../../src/routes/reconcile.ts";
import { restoreRoutes } from "../../src/routes/restore.ts";
import type { RestoreOutcome } from "../../src/routes/restore-outcome.ts";
import { until } from "../namespace/namespace.ts";
import { addTunnel, withTunnelKind } from "../namespace/tunnel.ts";
import {
  openRouteControlHost,
  type RouteControlHost,
  twoUplinks,
} from "../platform/linux/route-control-host.ts";
import { memoryDirectory, seededRandom } from "./journal/memory-directory.ts";
import { auto, defaultRoute, displacing, intentions, never, places, tag } from "./memory-host.ts";

const lines = (routing: string): readonly string[] => routing.split("},{");

describe.skipIf(process.platform !== "linux")("routes over Linux", () => {
  let host: RouteControlHost;
  let platform: Platform;
  let plans = 0;

  beforeEach(async () => {
    host = await openRouteControlHost();
    platform = openLinuxPlatform();
    host.ip(
      ...twoUplinks,
      addTunnel,
      "link set tun0 up",
      "address add 10.9.0.2/24 dev tun0",
      "address add fd09::2/64 dev tun0 nodad",
      "route add default via 10.0.0.1 dev up0 metric 100 proto dhcp src 10.0.0.2 mtu 1400",
      "route append default via 10.0.0.7 dev up0 metric 100 proto static",
      "route add default via 10.1.0.1 dev up1 metric 600 proto dhcp",
      "route add default via fd00::1 dev up0 metric 1024 proto static",
      "route add default via fd01::1 dev up1 metric 2048 proto static",
    );
    // The kernel's own link-local addresses come with routes of their own when they are known to be unique.
    await until("no tentative address", () => host.namespace.ip("-6 addr show tentative") === "");
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
    return new Map(
      [...interfaces].flatMap(([at, link]) => (link === null ? [] : [[at, withTunnelKind(link)]])),
    );
  };
  const surroundings = async (): Promise<Surroundings> => ({
    interfaces: await readInterfaces(),
    carriers: emptyCarrierHistory,
    holds: [],
    madeHere: new Set(),
    refused: new Map(),
    tag,
    now: Date.now,
    changedAtUptimeMs: performance.now(),
  });
  const wishes = (metric: number) => [
    displacing(defaultRoute("ipv4", host.indexOf("tun0"), "10.9.0.1", { metric }), "lease-4"),
    displacing(defaultRoute("ipv6", host.indexOf("tun0"), "fd09::1"), "lease-6"),
  ];
  const restore = (
    directory: ReturnType<typeof memoryDirectory>,
    control: RouteControl = host.control,
  ): Promise<RestoreOutcome> =>
    restoreRoutes(
      {
        verb: "restore",
        control,
        directory,
        lock: async () => ({ kind: "acquired", [Symbol.asyncDispose]: async () => undefined }),
        lockWaitMs: 0,
        readInterfaces,
        tag,
        places,
        moment,
        newPlanName,
        pause: async () => undefined,
        dryRun: false,
      },
      never,
    );

  test("what is planned is what the kernel then shows: the second round has nothing to do", async () => {
    const before = host.routing();
    const directory = memoryDirectory();
    {
      await using journal = await openJournal(directory, host.control.identity(), {
        now: moment,
      });
      const workplace = {
        control: guardRemovals(host.control),
        journal,
        places,
        newPlanName,
        uptimeMs: () => performance.now(),
      };
      const wanted = intentions({ scoped: auto, displacing: wishes(100) });
      const first = await reconcile(wanted, await surroundings(), workplace, never);
      expect(first.outcomes.filter(({ result }) => result !== "done")).toEqual([]);
      expect(first.plan.steps).toEqual([]);
      expect(first.plan.scoped.map(({ state }) => state)).not.toContain("pending");
      expect(host.table("ipv4", "main")).toMatch(/^default via 10\.9\.0\.1 dev tun0/);
      const standing = host.routing();
      const second = await reconcile(wanted, await surroundings(), workplace, never);
      expect(second.outcomes).toEqual([]);
      expect(host.routing()).toBe(standing);
    }
    expect(await restore(directory)).toMatchObject({ kind: "done", exitCode: 0 });
    expect(host.routing()).toBe(before);
    expect((await restore(directory)).steps).toEqual([]);
  });

  test("restore after a kill between any two calls gives the tables and rules of before", async () => {
    const before = host.routing();
    let killed = 0;
    for (let seed = 1; seed <= 30; seed += 1) {
      const random = seededRandom(seed);
      const directory = memoryDirectory();
      let left = random(60);
      let blown = false;
      const point = (): void => {
        left -= 1;
        blown = left < 0;
        if (blown) throw new Error("SIGKILL");
      };
      const pointed = async <Result>(work: () => Promise<Result>): Promise<Result> => {
        point();
        const result = await work();
        point();
        return result;
      };
      const { control } = host;
      const wrapped: RouteControl = {
        traits: control.traits,
        identity: () => control.identity(),
        read: (signal) => pointed(() => control.read(signal)),
        addScoped: (entry, signal) => pointed(() => control.addScoped(entry, signal)),
        removeScoped: (entry, signal) => pointed(() => control.removeScoped(entry, signal)),
        addDefault: (record, placement, signal) =>
          pointed(() => control.addDefault(record, placement, signal)),
        removeDefault: (record, signal) => pointed(() => control.removeDefault(record, signal)),
        solicitRouters: (index, signal) => control.solicitRouters(index, signal),
        [Symbol.asyncDispose]: async () => undefined,
      };
      directory.before = point;
      try {
        await using journal = await openJournal(directory, control.identity(), { now: moment });
        for (const displaces of [random(2) === 0, true, random(2) === 0]) {
          const wanted = intentions({
            scoped: auto,
            displacing: displaces ? wishes([0, 100, 600][random(3)] ?? 0) : [],
          });
          const workplace = {
            control: guardRemovals(wrapped),
            journal,
            places,
            newPlanName,
            uptimeMs: () => performance.now(),
          };
          await reconcile(wanted, await surroundings(), workplace, never);
        }
      } catch (error) {
        if (!blown) throw error;
      }
      if (blown) killed += 1;
      directory.before = () => undefined;
      expect(await restore(directory), `seed ${seed}`).toMatchObject({ exitCode: 0 });
      expect(lines(host.routing()), `seed ${seed}`).toEqual(lines(before));
      expect((await restore(directory)).steps, `seed ${seed}`).toEqual([]);
    }
    expect(killed).toBeGreaterThan(15);
  });
});
