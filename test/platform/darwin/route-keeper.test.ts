import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Journal } from "../../../src/routes/journal/journal.ts";
import { openJournal } from "../../../src/routes/journal/open-journal.ts";
import { createRouteKeeper, type RouteKeeper } from "../../../src/routes/route-keeper.ts";
import { type MemoryDirectory, memoryDirectory } from "../../routes/journal/memory-directory.ts";
import { auto, defaultRoute } from "../../routes/memory-host.ts";
import { type DarwinRouteHost, openDarwinRouteHost } from "./route-control-host.ts";
import { routesOver, tag } from "./routes-host.ts";

describe("the keeper over the routing-socket double", () => {
  let host: DarwinRouteHost;
  let directory: MemoryDirectory;
  let journal: Journal;
  let keeper: RouteKeeper;
  let ending: AbortController;
  const failures: string[] = [];

  const start = async (): Promise<void> => {
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
        onFailure: ({ message }) => failures.push(message),
      },
      ending.signal,
    );
  };
  const end = async (): Promise<void> => {
    ending.abort();
    await keeper[Symbol.asyncDispose]();
    await journal[Symbol.asyncDispose]();
  };
  const follow = async (): Promise<void> => keeper.follow(await routesOver(host).readInterfaces());
  const installed = (): readonly string[] =>
    keeper
      .views()
      .scoped.filter(({ state }) => state === "installed")
      .map((view) => `${view.family} ${view.interface} by ${view.gateway}`);
  const system = (action: "ADD" | "CHANGE" | "DELETE", gateway: string): void =>
    host.route(action, { prefix: "0.0.0.0/0", interface: "en0", gateway });

  beforeEach(async () => {
    host = openDarwinRouteHost();
    directory = memoryDirectory();
    failures.length = 0;
    system("ADD", "192.0.2.1");
    host.route("ADD", { prefix: "::/0", interface: "en0", gateway: "fe80::1", flags: [] });
    for (const prefix of ["0.0.0.0/1", "128.0.0.0/1"])
      host.route("ADD", { prefix, interface: "utun0", gateway: null });
    await start();
    await follow();
  });
  afterEach(async () => {
    expect(failures).toEqual([]);
    await end();
    await host[Symbol.asyncDispose]();
  });

  test("the uplink gets its scoped defaults under a split VPN, and the second round does nothing", async () => {
    expect(installed()).toEqual(["ipv4 en0 by 192.0.2.1", "ipv6 en0 by fe80::1"]);
    expect(host.double.connectErrno("8.8.8.8", host.indexOf("en0"))).toBe(0);
    host.takeChanges();
    const written = directory.content("journal").length;
    await follow();
    expect(host.takeChanges()).toEqual([]);
    expect(directory.content("journal").length).toBe(written);
  });

  test("two uplinks have one each, and neither takes the other's place in the journal", async () => {
    await keeper.install("en1");
    host.route("ADD", { prefix: "198.18.0.0/16", interface: "en1", gateway: "198.51.100.1" });
    expect(keeper.views().scoped.find((one) => one.interface === "en1")?.state).toBe("pending");
    // The default goes over to the other uplink, as when a cable is put in.
    system("DELETE", "192.0.2.1");
    host.route("ADD", { prefix: "0.0.0.0/0", interface: "en1", gateway: "198.51.100.1" });
    await follow();
    expect(installed()).toContain("ipv4 en0 by 192.0.2.1");
    expect(installed()).toContain("ipv4 en1 by 198.51.100.1");
    const written = directory.content("journal").length;
    await follow();
    expect(directory.content("journal").length).toBe(written);
  });

  test("another gateway is followed with one scoped change", async () => {
    system("DELETE", "192.0.2.1");
    system("ADD", "192.0.2.9");
    host.takeChanges();
    await follow();
    expect(installed()).toContain("ipv4 en0 by 192.0.2.9");
    expect(host.takeChanges()).toEqual(["CHANGE ipv4 /0 en0"]);
  });

  test("what a link that goes down takes away without a message is put back", async () => {
    host.double.run("ifdown en0");
    expect(host.scopedRoutes()).toEqual(["ipv6 en0 by fe80::1 over en0"]);
    await follow();
    expect(installed()).toEqual([]);
    host.double.run("ifup en0");
    await follow();
    expect(installed()).toEqual(["ipv4 en0 by 192.0.2.1", "ipv6 en0 by fe80::1"]);
    expect(host.scopedRoutes()).toContain("ipv4 en0 by 192.0.2.1 over en0");
    expect(host.double.connectErrno("8.8.8.8", host.indexOf("en0"))).toBe(0);
  });

  test("a restart adopts what stands: no request, and the gateway is known", async () => {
    host.takeChanges();
    await end();
    await start();
    await follow();
    expect(installed()).toEqual(["ipv4 en0 by 192.0.2.1", "ipv6 en0 by fe80::1"]);
    expect(keeper.views().scoped.every(({ adopted }) => adopted)).toBe(true);
    expect(host.takeChanges()).toEqual([]);
  });

  test("what configd keeps is adopted, and stands after the end", async () => {
    await keeper.stop("remove");
    await end();
    host.route("ADD", {
      prefix: "0.0.0.0/0",
      interface: "en0",
      gateway: "192.0.2.1",
      scoped: true,
    });
    const before = host.routing();
    await start();
    await follow();
    expect(installed()).toContain("ipv4 en0 by 192.0.2.1");
    const written = directory.content("journal").length;
    await follow();
    expect(directory.content("journal").length).toBe(written);
    await keeper.stop("remove");
    expect(host.routing()).toBe(before);
  });

  test("what somebody else keeps by another gateway stays, and the view says so", async () => {
    await keeper.stop("remove");
    await end();
    host.route("ADD", {
      prefix: "0.0.0.0/0",
      interface: "en0",
      gateway: "192.0.2.77",
      scoped: true,
    });
    await start();
    await follow();
    const view = keeper.views().scoped.find(({ family }) => family === "ipv4");
    expect(view?.state).toBe("pending");
    expect(view?.reason).toContain("somebody else");
    expect(host.scopedRoutes()).toContain("ipv4 en0 by 192.0.2.77 over en0");
  });

  test("one that was moved into the tunnel by an unscoped change is put back", async () => {
    host.route("CHANGE", { prefix: "0.0.0.0/0", interface: "utun0", gateway: null });
    expect(host.scopedRoutes()).toContain("ipv4 en0 by itself over utun0");
    await follow();
    expect(host.scopedRoutes()).toContain("ipv4 en0 by 192.0.2.1 over en0");
  });

  test("an interface that goes leaves nothing of ours, and none that comes is confused with it", async () => {
    host.double.run("detach en0");
    await follow();
    expect(installed()).toEqual([]);
    expect((await host.reading()).scoped).toEqual([]);
  });

  test.each([false, true])(
    "displacing a default that stands is a conflict that changes nothing, displace = %s",
    async (displace) => {
      const before = host.routing();
      const route = defaultRoute("ipv4", host.indexOf("utun0"), "10.9.0.2", {
        metric: 0,
        protocol: tag,
      });
      const by = { command: "vpn", pid: 4242, uid: 0 };
      const { displacement, outcomes } = await keeper.displace({
        id: "lease-1",
        route,
        displace,
        by,
      });
      if (displace) expect(outcomes.map(({ result }) => result)).toContain("conflict");
      else expect(displacement?.state).toBe("conflict");
      expect(host.routing()).toBe(before);
      await keeper.release("lease-1");
      expect(host.routing()).toBe(before);
      expect(keeper.views().displaced).toEqual([]);
    },
  );

  test("stop('remove') leaves nothing of ours", async () => {
    await keeper.stop("remove");
    expect(host.scopedRoutes()).toEqual([]);
  });
});
