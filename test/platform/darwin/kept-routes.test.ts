import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { defaultConfig } from "../../../src/daemon/config.ts";
import { openReadableLogger } from "../../../src/daemon/logger.ts";
import { type ManagedRoutes, manageRoutes } from "../../../src/daemon/managed-routes.ts";
import type { RouteNews } from "../../../src/daemon/route-news.ts";
import { openManagement } from "../../../src/management/management.ts";
import { type Monitor, startMonitor } from "../../../src/monitor/monitor.ts";
import { until } from "../../namespace/namespace.ts";
import { type MemoryDirectory, memoryDirectory } from "../../routes/journal/memory-directory.ts";
import { type DarwinRouteHost, never, openDarwinRouteHost } from "./route-control-host.ts";

const tableBase = 5_100;

/** All that the daemon does for routes, over the double: monitor, keeper, guard, self-heal. */
describe("the routes that the daemon keeps on a Mac", () => {
  let host: DarwinRouteHost;
  let directory: MemoryDirectory;
  let monitor: Monitor;
  let routes: ManagedRoutes;
  let news: RouteNews[];
  let lines: string[];

  const start = async (debounce: Parameters<typeof startMonitor>[1] = {}): Promise<void> => {
    monitor = await startMonitor(host.platform, debounce, never);
    routes = await manageRoutes({
      platform: host.platform,
      monitor,
      config: { ...defaultConfig.routes, replies: true, guardGraceMs: 500 },
      mode: { mode: "manage", reason: "as root" },
      openManagement: async () => {
        const management = await openManagement(
          host.platform,
          {
            stateDirectory: "/nowhere",
            uid: 0,
            preferenceBase: tableBase,
            tableBase,
            protocol: 199,
            flag: "proto2",
            readPeer: () => null,
          },
          async () => ({ ...host.control, [Symbol.asyncDispose]: async () => undefined }),
        );
        const lock = { kind: "acquired", [Symbol.asyncDispose]: async () => undefined } as const;
        return { ...management, directory, lock: async () => lock };
      },
      tell: (told) => void news.push(...told),
      log: openReadableLogger("info", { write: (line) => lines.push(line) }, () => new Date()),
    });
  };
  const end = async (): Promise<void> => {
    await routes[Symbol.asyncDispose]();
    await monitor[Symbol.asyncDispose]();
  };
  const standing = (wanted: readonly string[]): Promise<void> =>
    until(`the scoped defaults ${wanted.join()}`, () => `${host.scopedRoutes()}` === `${wanted}`);
  const system = (
    action: "ADD" | "CHANGE" | "DELETE",
    name: string,
    gateway: string | null,
    prefix = "0.0.0.0/0",
    scoped = false,
  ): void => host.route(action, { prefix, interface: name, gateway, scoped });
  const vpn = (action: "ADD" | "DELETE"): void => {
    system(action, "utun0", null, "0.0.0.0/1");
    system(action, "utun0", null, "128.0.0.0/1");
  };
  const twin = "ipv4 en0 by 192.0.2.1 over en0";

  beforeEach(async () => {
    host = openDarwinRouteHost();
    directory = memoryDirectory();
    news = [];
    lines = [];
    system("ADD", "en0", "192.0.2.1");
    vpn("ADD");
    await start();
    await standing([twin]);
  });
  afterEach(async () => {
    await end();
    await host[Symbol.asyncDispose]();
  });

  test("what macOS cannot do is said, and its journal has no rules and tables", async () => {
    expect(lines.join()).toContain("[routes] replies has no effect");
    expect(directory.content("journal").toString()).toContain('"preference":null,"table":null');
    expect(routes.view().scoped).toMatchObject([{ interface: "en0", state: "installed" }]);
  });

  test("what the system keeps for another uplink is taken over, and said so", async () => {
    system("ADD", "en1", "198.51.100.1", "0.0.0.0/0", true);
    await until("it is seen", () => routes.view().scoped.length === 2);
    expect(routes.view().scoped[1]).toMatchObject({ interface: "en1", adopted: true });
    const line = "took over the scoped default of en1 (ipv4 via 198.51.100.1): stands already";
    expect(lines.join()).toContain(line);
  });

  test("another gateway is followed at its message, however long the debounce", async () => {
    await end();
    await start({ debounceQuietMs: 600_000, debounceMaxMs: 600_000 });
    // The first message is read at once, and from then on the debounce holds.
    const { rereads } = monitor.counters();
    host.double.run("mtu en1 1400");
    await until("the first read", () => monitor.counters().rereads > rereads);
    system("DELETE", "en0", "192.0.2.1");
    system("ADD", "en0", "192.0.2.9");
    await standing(["ipv4 en0 by 192.0.2.9 over en0"]);
    const known = monitor.state.defaults.ipv4.candidates.map(({ route }) => route.gateway);
    expect(known).toContain("192.0.2.1");
  });

  test("one that an unscoped change of somebody has led into the tunnel is led back, and said so", async () => {
    system("CHANGE", "utun0", null);
    await standing([twin]);
    expect(lines.join()).toContain("somebody had led it over utun0");
  });

  test("it goes when nothing hides the default any more, and comes back with what hides it", async () => {
    vpn("DELETE");
    await standing([]);
    vpn("ADD");
    await standing([twin]);
  });

  test("what a link that goes down takes without a word is put back", async () => {
    host.double.run("ifdown en0");
    expect(host.scopedRoutes()).toEqual([]);
    host.double.run("ifup en0");
    // The unscoped default went with it; its owner puts it back.
    system("ADD", "en0", "192.0.2.1");
    await standing([twin]);
  });

  test("who takes it away again and again is named, and left alone", async () => {
    for (let times = 0; times < 5; times += 1) {
      await standing([twin]);
      await until("it is watched", () => routes.view().scoped[0]?.state === "installed");
      system("DELETE", "en0", "192.0.2.1", "0.0.0.0/0", true);
    }
    await until("a fight", () => news.some(({ kind }) => kind === "fight"));
    const fight = news.find(({ kind }) => kind === "fight");
    expect(fight).toMatchObject({ interface: "en0", family: "ipv4" });
    expect(JSON.stringify(fight)).toContain("pid 700");
    expect(host.scopedRoutes()).toEqual([]);
  });

  test("while messages are lost the next look puts it right", async () => {
    host.double.deafen();
    system("DELETE", "en0", "192.0.2.1", "0.0.0.0/0", true);
    await monitor.refresh("request");
    await standing([twin]);
  });

  test("the default that somebody took away is missed, with who it was", async () => {
    vpn("DELETE");
    await standing([]);
    await until("the guard knows it", () => monitor.state.defaults.ipv4.effective !== null);
    system("DELETE", "en0", "192.0.2.1");
    await until("default-lost", () => news.some(({ kind }) => kind === "default-lost"));
    expect(JSON.stringify(news.find(({ kind }) => kind === "default-lost"))).toContain("pid 700");
  });
});
