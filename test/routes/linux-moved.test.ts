import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { NetworkInterface } from "../../src/network/interface.ts";
import { openLinuxPlatform } from "../../src/platform/linux/linux-platform.ts";
import type { Platform } from "../../src/platform/platform.ts";
import { guardRemovals } from "../../src/routes/flushed-record.ts";
import { emptyCarrierHistory } from "../../src/routes/gateway-memory.ts";
import type { JournalMoment } from "../../src/routes/journal/journal-entry.ts";
import { openJournal } from "../../src/routes/journal/open-journal.ts";
import { reconcile } from "../../src/routes/reconcile.ts";
import { restoreRoutes } from "../../src/routes/restore.ts";
import type { RestoreOutcome } from "../../src/routes/restore-outcome.ts";
import { openNamespace, type TestNamespace, until } from "../namespace/namespace.ts";
import { addTunnel, withTunnelKind } from "../namespace/tunnel.ts";
import {
  openRouteControlHost,
  type RouteControlHost,
} from "../platform/linux/route-control-host.ts";
import { type MemoryDirectory, memoryDirectory } from "./journal/memory-directory.ts";
import { auto, defaultRoute, displacing, intentions, never, places, tag } from "./memory-host.ts";

const announce = join(import.meta.dirname, "../platform/linux/announce-router.py");

// What a crash leaves behind is a displaced default and the journal; then the network changes before anybody restores.
describe.skipIf(process.platform !== "linux")("the network moved between crash and restore", () => {
  let host: RouteControlHost;
  let platform: Platform;
  let router: TestNamespace;
  let directory: MemoryDirectory;
  let plans = 0;
  let passedMs = 0;

  beforeEach(async () => {
    host = await openRouteControlHost();
    platform = openLinuxPlatform();
    router = await openNamespace();
    directory = memoryDirectory();
    host.ip(
      `link add up0 address 02:00:00:00:00:01 type veth peer name lan netns ${router.pid}`,
      addTunnel,
      "link set tun0 up",
      "address add 10.9.0.2/24 dev tun0",
      "address add fd09::2/64 dev tun0 nodad",
    );
    for (const setting of ["accept_dad", "router_solicitations"])
      writeFileSync(`/proc/sys/net/ipv6/conf/up0/${setting}`, "0");
    router.run("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/lan/addr_gen_mode");
    router.ipBatch(["link set lan up", "address add fe80::1/64 dev lan nodad"]);
    host.ip("link set up0 up", "address add 10.0.0.2/24 dev up0");
    await host.settle("up0");
  });
  afterEach(async () => {
    await platform[Symbol.asyncDispose]();
    router[Symbol.dispose]();
    await host[Symbol.asyncDispose]();
  });

  const uptimeMs = (): number => performance.now() + passedMs;
  const moment = (): JournalMoment => ({ epochMs: Date.now(), uptimeMs: uptimeMs() });
  /** A router answers in its own time; the waits between attempts at what must fail are let pass at once. */
  const pause = async (ms: number): Promise<void> => {
    if (ms < 2_000) await delay(ms);
    else passedMs += ms;
  };
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
  /** A process that displaces the default of a family and is gone. */
  const displaceAndDie = async (family: "ipv4" | "ipv6"): Promise<void> => {
    const gateway = family === "ipv4" ? "10.9.0.1" : "fd09::1";
    const wish = displacing(defaultRoute(family, host.indexOf("tun0"), gateway), "lease-1");
    await using journal = await openJournal(directory, host.control.identity(), { now: moment });
    const { outcomes } = await reconcile(
      intentions({ scoped: auto, displacing: [wish] }),
      {
        interfaces: await readInterfaces(),
        carriers: emptyCarrierHistory,
        holds: [],
        madeHere: new Set(),
        refused: new Map(),
        tag,
        now: Date.now,
        changedAtUptimeMs: uptimeMs(),
      },
      {
        control: guardRemovals(host.control),
        journal,
        places,
        newPlanName,
        uptimeMs,
      },
      never,
    );
    expect(outcomes.filter(({ result }) => result !== "done")).toEqual([]);
    expect(host.table(family, "main")).toMatch(/^default via \S+ dev tun0/m);
  };
  const restore = (): Promise<RestoreOutcome> =>
    restoreRoutes(
      {
        verb: "restore",
        control: host.control,
        directory,
        lock: async () => ({ kind: "acquired", [Symbol.asyncDispose]: async () => undefined }),
        lockWaitMs: 0,
        readInterfaces,
        tag,
        places,
        moment,
        newPlanName,
        pause,
        dryRun: false,
      },
      never,
    );
  const defaults = (family: "ipv4" | "ipv6"): readonly string[] =>
    host
      .table(family, "main")
      .split("\n")
      .filter((line) => line.startsWith("default"))
      .map((line) => line.trim());
  const leavesNothing = async (): Promise<void> => {
    expect(host.rules("ipv4") + host.rules("ipv6")).not.toMatch(/510[01]/);
    expect(await restore()).toMatchObject({ exitCode: 0, steps: [] });
  };

  test("another gateway was given meanwhile: it is nobody's to change", async () => {
    host.ip("route add default via 10.0.0.1 dev up0 metric 100 proto dhcp");
    await displaceAndDie("ipv4");
    host.ip("route add default via 10.0.0.9 dev up0 metric 50 proto dhcp");
    expect(await restore()).toMatchObject({ exitCode: 0 });
    expect(defaults("ipv4")).toEqual(["default via 10.0.0.9 dev up0 proto dhcp metric 50"]);
    await leavesNothing();
  });

  test("somebody else has restored it already", async () => {
    host.ip("route add default via 10.0.0.1 dev up0 metric 100");
    await displaceAndDie("ipv4");
    host.ip("link del tun0", "route add default via 10.0.0.1 dev up0 metric 100");
    expect(await restore()).toMatchObject({ exitCode: 0 });
    expect(defaults("ipv4")).toEqual(["default via 10.0.0.1 dev up0 metric 100"]);
    await leavesNothing();
  });

  test("the interface has another name", async () => {
    host.ip("route add default via 10.0.0.1 dev up0 metric 100 mtu 1400");
    await displaceAndDie("ipv4");
    host.ip("link set up0 name wan0");
    expect(await restore()).toMatchObject({ exitCode: 0 });
    expect(defaults("ipv4")).toEqual(["default via 10.0.0.1 dev wan0 metric 100 mtu 1400"]);
    await leavesNothing();
  });

  test("the interface is gone: the debt waits, and is paid when it is back under another index", async () => {
    host.ip("route add default via 10.0.0.1 dev up0 metric 100");
    await displaceAndDie("ipv4");
    host.ip("link del up0");
    const waiting = await restore();
    expect(waiting.exitCode).toBe(5);
    expect(waiting.sentences.join(" ")).toMatch(/up0/);
    expect(defaults("ipv4")).toEqual([]);
    host.ip(
      "link add other type veth peer name other1",
      "link add up0 address 02:00:00:00:00:01 type veth peer name up1",
      "link set up0 up",
      "link set up1 up",
      "address add 10.0.0.2/24 dev up0",
    );
    await until("carrier", () => host.namespace.ip("link show up0").includes("LOWER_UP"));
    expect(await restore()).toMatchObject({ exitCode: 0 });
    expect(defaults("ipv4")).toEqual(["default via 10.0.0.1 dev up0 metric 100"]);
    await leavesNothing();
  });

  test("the host is on another network: the old gateway is not put back", async () => {
    host.ip("route add default via 10.0.0.1 dev up0 metric 100");
    await displaceAndDie("ipv4");
    host.ip("address flush dev up0 scope global", "address add 10.5.0.2/24 dev up0");
    const { exitCode } = await restore();
    expect(exitCode).toBe(5);
    expect(defaults("ipv4")).toEqual([]);
    host.ip("route add default via 10.5.0.1 dev up0");
    expect(await restore()).toMatchObject({ exitCode: 0 });
    expect(defaults("ipv4")).toEqual(["default via 10.5.0.1 dev up0"]);
    await leavesNothing();
  });

  test("a router's default is asked for, and comes back by the router itself", async () => {
    await until("the router's default", () => {
      router.run("python3", announce, "lan", "1800", "medium");
      return defaults("ipv6").length > 0;
    });
    await displaceAndDie("ipv6");
    const asked = router.spawn("python3", [announce, "lan", "1800", "medium", "asked"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    if (asked.stdout === null) throw new Error("the router has no output");
    await once(asked.stdout, "data");
    const restored = await restore();
    expect(restored, restored.sentences.join(" ")).toMatchObject({ exitCode: 0 });
    expect(defaults("ipv6")).toEqual([
      expect.stringMatching(/^default via fe80::1 dev up0 proto ra metric 1024 expires/),
    ]);
    await leavesNothing();
  });
});
