import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Journal } from "../../../src/routes/journal/journal.ts";
import { openJournal } from "../../../src/routes/journal/open-journal.ts";
import type { LeasedDefault } from "../../../src/routes/leased/leased-default.ts";
import { createRouteKeeper, type RouteKeeper } from "../../../src/routes/route-keeper.ts";
import { type MemoryDirectory, memoryDirectory } from "../../routes/journal/memory-directory.ts";
import { leased } from "../../routes/leased/leased-host.ts";
import { auto } from "../../routes/memory-host.ts";
import { type DarwinRouteHost, openDarwinRouteHost } from "./route-control-host.ts";
import { routesOver, tag } from "./routes-host.ts";

const server = "203.0.113.9";

describe("leases over the routing-socket double", () => {
  let host: DarwinRouteHost;
  let directory: MemoryDirectory;
  let journal: Journal;
  let keeper: RouteKeeper;
  let ending: AbortController;
  let before: string;

  beforeEach(async () => {
    host = openDarwinRouteHost();
    host.route("ADD", { prefix: "0.0.0.0/0", interface: "en0", gateway: "192.0.2.1" });
    host.route("ADD", { prefix: "::/0", interface: "en0", gateway: "2001:db8::1" });
    before = host.routing();
    directory = memoryDirectory();
    const routes = routesOver(host);
    ending = new AbortController();
    journal = await openJournal(directory, host.control.identity(), { now: routes.moment });
    keeper = createRouteKeeper(
      {
        workplace: routes.workplace(journal),
        policy: auto,
        tag,
        carrierGraceMs: 60_000,
        now: Date.now,
        random: Math.random,
        holds: () => [],
        onReconciled: () => undefined,
        onFailure: (error) => {
          throw error;
        },
      },
      ending.signal,
    );
    await follow();
  });
  afterEach(async () => {
    ending.abort();
    await keeper[Symbol.asyncDispose]();
    await journal[Symbol.asyncDispose]();
    await host[Symbol.asyncDispose]();
  });

  const follow = async (): Promise<void> => keeper.follow(await routesOver(host).readInterfaces());
  const lease = async (...defaults: readonly LeasedDefault[]): Promise<void> => {
    await keeper.setLeased({ uplinks: new Map(), bestUplinks: new Set(), defaults });
  };
  const given = (changes: Partial<LeasedDefault>): LeasedDefault =>
    leased({ interfaceName: "utun0", mode: "split", ...changes });
  const states = (): readonly string[] =>
    keeper.views().leased.map(({ family, state, reason }) => `${family} ${state} ${reason ?? ""}`);
  const unscoped = async (): Promise<readonly string[]> =>
    (await host.reading()).defaults.map(({ route }) => {
      const way = route.type === "unicast" ? `over ${route.interfaceIndex}` : route.type;
      return `${route.prefix} by ${route.gateway} ${way}`;
    });
  const bound = (address = "8.8.8.8"): number =>
    host.double.connectErrno(address, host.indexOf("en0"));

  test("a split: scoped defaults of the uplink first, then the halves, and all of it goes", async () => {
    host.takeChanges();
    await lease(given({}), given({ family: "ipv6" }));
    expect(states()).toEqual(["ipv4 stands ", "ipv6 stands "]);
    expect(host.takeChanges()).toEqual([
      "ADD ipv4 /0 en0",
      "ADD ipv6 /0 en0",
      "ADD ipv4 /1 unscoped",
      "ADD ipv4 /1 unscoped",
      "ADD ipv6 /1 unscoped",
      "ADD ipv6 /1 unscoped",
    ]);
    expect([bound(), bound("2001:4860::1")]).toEqual([0, 0]);
    await lease();
    expect(host.routing()).toBe(before);
  });

  test("by metric is refused, as there are none", async () => {
    await lease(given({ mode: "metric" }));
    expect(states()[0]).toContain("ipv4 refused no-metrics");
    await lease();
    expect(host.routing()).toBe(before);
  });

  test("in the place of the default, which comes back", async () => {
    await lease(given({ mode: "displace" }), given({ mode: "displace", family: "ipv6" }));
    expect(states()).toEqual(["ipv4 stands ", "ipv6 stands "]);
    const utun0 = host.indexOf("utun0");
    expect(await unscoped()).toEqual([
      `0.0.0.0/0 by null over ${utun0}`,
      `::/0 by null over ${utun0}`,
    ]);
    expect([bound(), bound("2001:4860::1")]).toEqual([0, 0]);
    await lease();
    expect(host.routing()).toBe(before);
  });

  test("of two the newer stands, and the default comes back with the last", async () => {
    const older = given({ lease: "a", mode: "displace" });
    const newer = given({ lease: "b", mode: "displace", gateway: "10.9.0.2" });
    await lease(older);
    await lease(older, newer);
    const utun0 = host.indexOf("utun0");
    expect(await unscoped()).toContain(`0.0.0.0/0 by 10.9.0.2 over ${utun0}`);
    await lease(older);
    expect(await unscoped()).toContain(`0.0.0.0/0 by null over ${utun0}`);
    await lease();
    expect(host.routing()).toBe(before);
  });

  test("the server of the tunnel is reached by the uplink, before anything else changes", async () => {
    await lease(given({ endpoints: [server] }));
    expect((await host.reading()).ownHosts).toMatchObject([
      { destination: server, gateway: "192.0.2.1", interfaceIndex: host.indexOf("en0") },
    ]);
    await lease();
    expect(host.routing()).toBe(before);
  });

  test.each(["split", "displace"] as const)(
    "what shall not leave in clear is refused when the tunnel is gone, by %s",
    async (mode) => {
      await lease(given({ mode, onLost: "block" }));
      expect(states()).toEqual(["ipv4 stands "]);
      host.double.run("ifdown utun0");
      await follow();
      expect(states()[0]).toContain("ipv4 blocked");
      const refusing = (await unscoped()).filter((one) => one.endsWith("unreachable"));
      expect(refusing.length).toBe(mode === "split" ? 2 : 1);
      // What is bound to the uplink is not the host's own traffic: the tunnel must be able to come back.
      expect(bound()).toBe(0);
      host.double.run("ifup utun0");
      await follow();
      expect(states()).toEqual(["ipv4 stands "]);
      await lease();
      expect(host.routing()).toBe(before);
    },
  );
});
