import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { IpFamily } from "../../../src/network/address.ts";
import type { DefaultRoute } from "../../../src/network/route.ts";
import { type LinuxHost, openLinuxHost, uplinkCommands } from "./linux-host.ts";

/** What `ip -j -d route show` says of a route, as far as it is looked at here. */
interface WitnessedRoute {
  readonly type: string;
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly protocol: string;
  readonly metric?: number;
  readonly prefsrc?: string;
  readonly nexthops?: readonly unknown[];
}

describe.skipIf(process.platform !== "linux")("default routes of a real kernel", () => {
  let host: LinuxHost;
  let up0: number;
  let up1: number;

  beforeEach(async () => {
    host = await openLinuxHost();
    host.namespace.ipBatch([
      ...uplinkCommands("up0"),
      ...uplinkCommands("up1"),
      "address add 10.0.0.2/24 dev up0",
      "address add 10.1.0.2/24 dev up1",
      "address add fd00::2/64 dev up0 nodad",
      "address add fd01::2/64 dev up1 nodad",
    ]);
    up0 = host.indexOf("up0");
    up1 = host.indexOf("up1");
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const routes = async (family: IpFamily = "ipv4"): Promise<readonly DefaultRoute[]> =>
    (await host.defaults(family)).routes;
  const only = async (family: IpFamily = "ipv4"): Promise<DefaultRoute> => {
    const [route, ...more] = await routes(family);
    expect(more).toEqual([]);
    if (route === undefined) throw new Error(`there is no ${family} default`);
    return route;
  };
  const ip = (...lines: string[]): void => host.namespace.ipBatch(lines);

  test("two metrics: both are there, the lower is the answer for both halves", async () => {
    ip(
      "route add default via 10.0.0.1 dev up0 metric 200 proto dhcp src 10.0.0.2",
      "route add default via 10.1.0.1 dev up1 metric 100 proto static",
    );
    const { routes: found, answers } = await host.defaults("ipv4");
    expect(found).toHaveLength(2);
    const [first, second] = found;
    expect(first).toMatchObject({
      metric: 100,
      interfaceIndex: up1,
      protocol: "static",
      table: 254,
    });
    expect(second).toMatchObject({
      metric: 200,
      interfaceIndex: up0,
      protocol: "dhcp",
      source: "10.0.0.2",
    });
    expect(answers[0]).toBe(first);
    expect(answers[1]).toBe(first);
    const witnessed = host.namespace.ipJson("-4 route show default") as WitnessedRoute[];
    expect(found.map(({ gateway, metric, protocol }) => ({ gateway, metric, protocol }))).toEqual(
      witnessed.map(({ gateway, metric, protocol }) => ({ gateway, metric, protocol })),
    );
  });

  test("equal metrics stand in the kernel's order, the first wins", async () => {
    ip(
      "route add default via 10.0.0.1 dev up0 metric 100",
      "route append default via 10.0.0.9 dev up0 metric 100",
      "route prepend default via 10.1.0.1 dev up1 metric 100",
      "route add default via 10.1.0.7 dev up1 metric 100 tos 0x10",
    );
    const { routes: found, answers } = await host.defaults("ipv4");
    const plain = found.filter((route) => route.tos === 0);
    expect(plain.map(({ gateway, position }) => [gateway, position])).toEqual([
      ["10.1.0.1", 0],
      ["10.0.0.1", 1],
      ["10.0.0.9", 2],
    ]);
    expect(found.find((route) => route.tos === 16)).toMatchObject({
      gateway: "10.1.0.7",
      position: 0,
    });
    expect(answers.map((route) => route?.gateway)).toEqual(["10.1.0.1", "10.1.0.1"]);
  });

  test("onlink, mtu, a device route, an unknown protocol", async () => {
    ip("route add default via 192.0.2.1 dev up0 onlink mtu 1280 metric 5 proto 77");
    expect(await only()).toMatchObject({
      gateway: "192.0.2.1",
      onlink: true,
      mtu: 1280,
      protocol: "77",
    });
    ip("route replace default dev up1 metric 5");
    expect(await only()).toMatchObject({
      gateway: null,
      interfaceIndex: up1,
      onlink: false,
      mtu: null,
    });
  });

  test("a gateway of the other family", async () => {
    host.namespace.ip("-4 route add default via inet6 fe80::1 dev up0");
    expect(await only()).toMatchObject({ family: "ipv4", gateway: "fe80::1", interfaceIndex: up0 });
  });

  test("a link-local IPv6 gateway, with preference and lifetime", async () => {
    const before = Date.now();
    ip("route add default via fe80::1 dev up0 proto ra metric 1024 expires 1800 pref high");
    const { routes: found, answers } = await host.defaults("ipv6");
    const [route] = found;
    expect(found).toHaveLength(1);
    expect(route).toMatchObject({
      prefix: "::/0",
      gateway: "fe80::1",
      interfaceIndex: up0,
      metric: 1024,
      protocol: "ra",
      pref: "high",
    });
    expect(Math.abs((route?.expiresAt ?? 0) - before - 1_800_000)).toBeLessThan(3_000);
    expect(answers[0]).toBe(route);
  });

  test("multipath, IPv4 and IPv6: legs with their weights", async () => {
    ip(
      "route add default nexthop via 10.0.0.1 dev up0 weight 3 nexthop via 10.1.0.1 dev up1",
      "route add default proto static metric 64 nexthop via fd00::1 dev up0 nexthop via fd01::1 dev up1 weight 2",
    );
    const route = await only();
    expect(route).toMatchObject({ gateway: null, interfaceIndex: null, nexthopId: null });
    expect(route.nexthops).toEqual([
      { gateway: "10.0.0.1", interfaceIndex: up0, weight: 3, onlink: false, linkdown: false },
      { gateway: "10.1.0.1", interfaceIndex: up1, weight: 1, onlink: false, linkdown: false },
    ]);
    const route6 = await only("ipv6");
    expect(route6.nexthops.map((leg) => [leg.gateway, leg.weight]).sort()).toEqual([
      ["fd00::1", 1],
      ["fd01::1", 2],
    ]);
    expect((await host.defaults("ipv4")).answers).toEqual([route, route]);
    expect((await host.defaults("ipv6")).answers).toEqual([route6, route6]);
  });

  test.each(["1", "0"])(
    "nexthop objects and groups give their legs, with nexthop_compat_mode %s",
    async (mode) => {
      // This thread is in the namespace, and /proc/sys/net is of who opens it.
      writeFileSync("/proc/sys/net/ipv4/nexthop_compat_mode", mode);
      ip(
        "nexthop add id 1 via 10.0.0.1 dev up0",
        "nexthop add id 2 via 10.1.0.1 dev up1",
        "nexthop add id 10 group 1,3/2",
        "nexthop add id 6 via fd00::1 dev up0",
        "route add default nhid 1 metric 100",
        "route add default nhid 10 metric 200",
        "route add ::/0 nhid 6",
      );
      const [single, group] = await routes();
      expect(single).toMatchObject({
        nexthopId: 1,
        gateway: "10.0.0.1",
        interfaceIndex: up0,
        nexthops: [],
      });
      expect(group).toMatchObject({ nexthopId: 10, gateway: null, interfaceIndex: null });
      expect(group?.nexthops.map((leg) => [leg.gateway, leg.interfaceIndex, leg.weight])).toEqual([
        ["10.0.0.1", up0, 3],
        ["10.1.0.1", up1, 1],
      ]);
      expect((await host.defaults("ipv4")).answers[0]).toEqual(single);
      expect(await only("ipv6")).toMatchObject({
        nexthopId: 6,
        gateway: "fd00::1",
        interfaceIndex: up0,
      });
    },
  );

  test("carrier loss flags the default linkdown, in IPv4, IPv6 and in the legs", async () => {
    ip(
      "route add default via 10.0.0.1 dev up0 metric 1",
      "route add default metric 2 nexthop via 10.0.0.1 dev up0 nexthop via 10.1.0.1 dev up1",
      "route add default via fd00::1 dev up0",
      "link set up0p down",
    );
    const [plain, legs] = await routes();
    expect(plain?.linkdown).toBe(true);
    expect(legs?.linkdown).toBe(false);
    expect(legs?.nexthops.map((leg) => leg.linkdown)).toEqual([true, false]);
    expect((await only("ipv6")).linkdown).toBe(true);
  });

  test("a rename leaves the default with its device", async () => {
    ip("route add default via 10.0.0.1 dev up0");
    const before = await only();
    ip("link set up0 name wan0");
    expect(await only()).toEqual(before);
  });
});
