import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DisplacingWish } from "../../../src/routes/displacement.ts";
import type { Journal } from "../../../src/routes/journal/journal.ts";
import { openJournal } from "../../../src/routes/journal/open-journal.ts";
import { createRouteKeeper, type RouteKeeper } from "../../../src/routes/route-keeper.ts";
import { type MemoryDirectory, memoryDirectory } from "../../routes/journal/memory-directory.ts";
import { auto, defaultRoute } from "../../routes/memory-host.ts";
import { type DarwinRouteHost, openDarwinRouteHost } from "./route-control-host.ts";
import { routesOver, tag } from "./routes-host.ts";

/** What a VPN puts before the defaults of others. */
const halves = ["0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1"] as const;

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
    for (const prefix of halves) host.route("ADD", { prefix, interface: "utun0", gateway: null });
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

  const wish = (
    family: "ipv4" | "ipv6",
    gateway: string | null,
    displace: boolean,
  ): DisplacingWish => ({
    id: "lease-1",
    route: defaultRoute(family, host.indexOf("utun0"), gateway, { metric: 100, protocol: tag }),
    displace,
    by: { command: "vpn", pid: 4242, uid: 0 },
  });
  const changes = (): readonly string[] =>
    host.takeChanges().filter((each) => each.includes("unscoped"));
  const unscoped = async (): Promise<readonly string[]> =>
    (await host.reading()).defaults.map(
      ({ route }) => `${route.prefix} by ${route.gateway} over ${route.interfaceIndex}`,
    );

  test("a default that stands is in the way of a wish without leave to displace", async () => {
    const before = host.routing();
    const { displacement } = await keeper.displace(wish("ipv4", "10.9.0.2", false));
    expect(displacement?.state).toBe("conflict");
    await keeper.release("lease-1");
    expect(host.routing()).toBe(before);
    expect(keeper.views().displaced).toEqual([]);
  });

  test.each([
    ["ipv4", "10.9.0.2"],
    ["ipv4", null],
    ["ipv6", "fd00:9::7"],
    ["ipv6", null],
  ] as const)("a %s default gives way to one by %s, and comes back", async (family, gateway) => {
    // Made by hand, as the one that a router announces is for the kernel to bring back.
    host.route("DELETE", { prefix: "::/0", interface: "en0", gateway: "fe80::1" });
    host.route("ADD", { prefix: "::/0", interface: "en0", gateway: "fe80::1" });
    const before = host.routing();
    host.takeChanges();
    const { displacement } = await keeper.displace(wish(family, gateway, true));
    expect(displacement?.state).toBe("stands");
    // XNU has one default of a family, whatever its gateway or metric: the old one goes first.
    const removal = `DELETE ${family} /0 unscoped`;
    expect(changes()).toEqual([removal, `ADD ${family} /0 unscoped`]);
    const whole = family === "ipv4" ? "0.0.0.0/0" : "::/0";
    const utun0 = host.indexOf("utun0");
    expect(await unscoped()).toContain(`${whole} by ${gateway} over ${utun0}`);
    expect(keeper.views().displaced).toMatchObject([{ family, by: "vpn", state: "displaced" }]);
    await keeper.release("lease-1");
    expect(changes()).toEqual([removal, `ADD ${family} /0 unscoped`]);
    expect(host.routing()).toBe(before);
    expect(keeper.views().displaced).toEqual([]);
  });

  test("nothing is taken away for a default that could not be added", async () => {
    const before = host.routing();
    const { displacement } = await keeper.displace(wish("ipv4", "172.16.0.1", true));
    expect(displacement).toMatchObject({
      state: "in-work",
      reason: "gateway-off-link: utun0 does not reach 172.16.0.1",
    });
    expect(host.routing()).toBe(before);
  });

  test("what comes instead of the recorded default is in the way, and is not deleted", async () => {
    await keeper.displace(wish("ipv4", "10.9.0.2", true));
    host.route("DELETE", { prefix: "0.0.0.0/0", interface: "utun0", gateway: "10.9.0.2" });
    system("ADD", "192.0.2.77");
    host.takeChanges();
    await follow();
    expect(changes()).toEqual([]);
    expect(await unscoped()).toContain(`0.0.0.0/0 by 192.0.2.77 over ${host.indexOf("en0")}`);
  });

  test("stop('remove') leaves nothing of ours", async () => {
    await keeper.stop("remove");
    expect(host.scopedRoutes()).toEqual([]);
  });
});
