import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Journal } from "../../../src/routes/journal/journal.ts";
import { openJournal } from "../../../src/routes/journal/open-journal.ts";
import { createRouteKeeper, type RouteKeeper } from "../../../src/routes/route-keeper.ts";
import { type MemoryDirectory, memoryDirectory } from "../../routes/journal/memory-directory.ts";
import { auto } from "../../routes/memory-host.ts";
import { type DarwinRouteHost, openDarwinRouteHost } from "./route-control-host.ts";
import { routesOver, tag } from "./routes-host.ts";

const wide = ["0.0.0.0/1", "128.0.0.0/1"] as const;

/** XNU prefers the scoped default of the interface that holds the unscoped one, also for unbound packets. */
describe("the twin of the unscoped default", () => {
  let host: DarwinRouteHost;
  let directory: MemoryDirectory;
  let journal: Journal;
  let keeper: RouteKeeper;
  let ending: AbortController;

  const start = async (): Promise<void> => {
    const routes = routesOver(host);
    ending = new AbortController();
    journal = await openJournal(directory, host.control.identity(), { now: routes.moment });
    keeper = createRouteKeeper(
      {
        workplace: routes.workplace(journal),
        policy: { ...auto, families: ["ipv4"] },
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
  };
  const end = async (): Promise<void> => {
    ending.abort();
    await keeper[Symbol.asyncDispose]();
    await journal[Symbol.asyncDispose]();
  };
  const follow = async (): Promise<void> => keeper.follow(await routesOver(host).readInterfaces());
  const system = (
    action: "ADD" | "CHANGE" | "DELETE",
    name: string,
    gateway: string | null,
    prefix = "0.0.0.0/0",
  ): void => host.route(action, { prefix, interface: name, gateway });
  const vpn = (action: "ADD" | "DELETE"): void => {
    for (const prefix of wide) system(action, "utun0", null, prefix);
  };
  const states = (): readonly string[] =>
    keeper.views().scoped.map((view) => `${view.interface} ${view.gateway} ${view.state}`);

  beforeEach(async () => {
    host = openDarwinRouteHost();
    directory = memoryDirectory();
    system("ADD", "en0", "192.0.2.1");
    await start();
  });
  afterEach(async () => {
    await end();
    await host[Symbol.asyncDispose]();
  });

  test("there is none while nothing hides the default, and no request is sent", async () => {
    expect(host.scopedRoutes()).toEqual([]);
    expect(host.takeChanges()).toEqual([]);
    expect(states()).toEqual([]);
  });

  test("it comes with a split VPN, and goes with it", async () => {
    vpn("ADD");
    await follow();
    expect(host.scopedRoutes()).toEqual(["ipv4 en0 by 192.0.2.1 over en0"]);
    expect(host.double.connectErrno("8.8.8.8", host.indexOf("en0"))).toBe(0);
    vpn("DELETE");
    await follow();
    expect(host.scopedRoutes()).toEqual([]);
  });

  test("another program's default over a tunnel hides it, too", async () => {
    vpn("ADD");
    await follow();
    vpn("DELETE");
    system("DELETE", "en0", "192.0.2.1");
    system("ADD", "utun0", null);
    await follow();
    expect(host.scopedRoutes()).toEqual(["ipv4 en0 by 192.0.2.1 over en0"]);
    expect(host.double.connectErrno("8.8.8.8", host.indexOf("en0"))).toBe(0);
  });

  test("it is made before the halves of a wish of ours hide the default", async () => {
    const route = {
      ...(await host.reading()).defaults[0]?.route,
      prefix: "0.0.0.0/1",
      gateway: null,
      interfaceIndex: host.indexOf("utun0"),
      protocol: tag,
    } as Parameters<RouteKeeper["displace"]>[0]["route"];
    const by = { command: "vpn", pid: 4242, uid: 0 };
    await keeper.displace({ id: "low", route, displace: false, by });
    expect(host.scopedRoutes()).toEqual(["ipv4 en0 by 192.0.2.1 over en0"]);
    await keeper.release("low");
    expect(host.scopedRoutes()).toEqual([]);
  });

  test("it comes on request, follows another gateway in one change, and stays by request only", async () => {
    await keeper.install("en0");
    expect(host.scopedRoutes()).toEqual(["ipv4 en0 by 192.0.2.1 over en0"]);
    system("DELETE", "en0", "192.0.2.1");
    system("ADD", "en0", "192.0.2.9");
    host.takeChanges();
    await keeper.look();
    expect(host.takeChanges()).toEqual(["CHANGE ipv4 /0 en0"]);
    expect(host.scopedRoutes()).toEqual(["ipv4 en0 by 192.0.2.9 over en0"]);
    await keeper.remove("en0");
    expect(host.scopedRoutes()).toEqual([]);
  });

  test("it goes at once when the default leaves for another uplink and nothing hides it", async () => {
    vpn("ADD");
    await follow();
    vpn("DELETE");
    system("DELETE", "en0", "192.0.2.1");
    system("ADD", "en1", "198.51.100.1");
    await keeper.look();
    expect(host.scopedRoutes()).toEqual([]);
  });

  test("the scoped default that the system keeps tells the gateway, is adopted, and stays", async () => {
    host.route("ADD", {
      prefix: "0.0.0.0/0",
      interface: "en1",
      gateway: "198.51.100.1",
      scoped: true,
    });
    await follow();
    expect(states()).toEqual(["en1 198.51.100.1 installed"]);
    expect(keeper.views().scoped[0]?.adopted).toBe(true);
    host.route("DELETE", {
      prefix: "0.0.0.0/0",
      interface: "en1",
      gateway: "198.51.100.1",
      scoped: true,
    });
    host.route("ADD", {
      prefix: "0.0.0.0/0",
      interface: "en1",
      gateway: "198.51.100.9",
      scoped: true,
    });
    host.takeChanges();
    await follow();
    expect(states()).toEqual(["en1 198.51.100.9 installed"]);
    expect(host.takeChanges()).toEqual([]);
    await keeper.stop("remove");
    expect(host.scopedRoutes()).toEqual(["ipv4 en1 by 198.51.100.9 over en1"]);
  });

  test("what a link that goes down takes without a word is put back when it is up again", async () => {
    vpn("ADD");
    await follow();
    host.double.run("ifdown en0");
    expect(host.scopedRoutes()).toEqual([]);
    await follow();
    expect(states()).toEqual(["en0 192.0.2.1 stale"]);
    host.double.run("ifup en0");
    await follow();
    expect(host.scopedRoutes()).toEqual(["ipv4 en0 by 192.0.2.1 over en0"]);
  });

  test("one that an unscoped change has moved into a tunnel is led back", async () => {
    vpn("ADD");
    await follow();
    system("CHANGE", "utun0", null);
    expect(host.scopedRoutes()).toEqual(["ipv4 en0 by itself over utun0"]);
    await keeper.look();
    expect(host.scopedRoutes()).toEqual(["ipv4 en0 by 192.0.2.1 over en0"]);
  });

  describe("when netwatch ends", () => {
    const handedOver = (): boolean => directory.content("journal").includes('"handed-over"');

    test("it is deleted while its interface holds the unscoped default", async () => {
      vpn("ADD");
      await follow();
      await keeper.stop("remove");
      expect(host.scopedRoutes()).toEqual([]);
      expect(handedOver()).toBe(false);
    });

    test("it is left to the system where that may count on it, and a restore leaves it, too", async () => {
      vpn("ADD");
      await follow();
      system("DELETE", "en0", "192.0.2.1");
      system("ADD", "utun0", null);
      await keeper.stop("remove");
      await end();
      expect(host.scopedRoutes()).toEqual(["ipv4 en0 by 192.0.2.1 over en0"]);
      expect(handedOver()).toBe(true);
      const size = directory.content("journal").length;
      const outcome = await routesOver(host).restore(directory);
      expect(outcome).toMatchObject({ kind: "done", exitCode: 0, steps: [] });
      expect(directory.content("journal").length).toBe(size);
      expect(host.scopedRoutes()).toEqual(["ipv4 en0 by 192.0.2.1 over en0"]);
      await start();
      expect(states()).toEqual(["en0 192.0.2.1 installed"]);
    });

    test("what was handed over is deleted once its interface holds the unscoped default again", async () => {
      vpn("ADD");
      await follow();
      system("DELETE", "en0", "192.0.2.1");
      await keeper.stop("remove");
      await end();
      vpn("DELETE");
      system("ADD", "en0", "192.0.2.1");
      expect(host.scopedRoutes()).toHaveLength(1);
      await start();
      expect(host.scopedRoutes()).toEqual([]);
    });

    test("on an interface without an address nobody counts on it", async () => {
      vpn("ADD");
      await follow();
      await keeper.install("en0");
      system("DELETE", "en0", "192.0.2.1");
      host.double.run("deladdr en0 192.0.2.10");
      await follow();
      await keeper.stop("remove");
      expect(host.scopedRoutes()).toEqual([]);
      expect(handedOver()).toBe(false);
    });
  });
});
