import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { IpFamily } from "../../../src/network/address.ts";
import type { DefaultRoute } from "../../../src/network/route.ts";
import type { RecordedDefault } from "../../../src/platform/route-control.ts";
import { until } from "../../namespace/namespace.ts";
import { never, openTwoUplinkHost, type RouteControlHost } from "./route-control-host.ts";

describe.skipIf(process.platform !== "linux")("unscoped defaults of a real kernel", () => {
  let host: RouteControlHost;

  beforeEach(async () => {
    host = await openTwoUplinkHost();
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const defaults = async (family?: IpFamily): Promise<readonly RecordedDefault[]> =>
    (await host.read()).defaults.filter(
      ({ route }) => family === undefined || route.family === family,
    );
  const only = async (): Promise<RecordedDefault> => {
    const [record, ...more] = await defaults();
    expect(more).toEqual([]);
    if (record === undefined) throw new Error("there is no default");
    return record;
  };
  const add = (
    record: RecordedDefault,
    placement: "exclusive" | "append" | "prepend" = "exclusive",
  ): Promise<string> => host.control.addDefault(record, placement, never);
  const remove = (record: RecordedDefault): Promise<string> =>
    host.control.removeDefault(record, never);
  const changed = (record: RecordedDefault, route: Partial<DefaultRoute>): RecordedDefault => ({
    ...record,
    route: { ...record.route, ...route },
  });

  test.each([
    "route add default via 10.0.0.1 dev up0",
    "route add default via 10.0.0.1 dev up0 metric 100 proto dhcp src 10.0.0.2 mtu 1400",
    "route add default via 10.0.0.1 dev up0 mtu lock 1400 advmss 1300 initcwnd 20 quickack 1",
    "route add default via 10.0.0.1 dev up0 congctl reno realm 7",
    "route add default via 192.0.2.1 dev up0 onlink metric 5 tos 0x10",
    "route add default dev up0 scope link metric 9 proto static",
    "route add default via inet6 fe80::1 dev up0",
    "route add default metric 9 nexthop via 10.0.0.1 dev up0 weight 3 nexthop via 10.1.0.1 dev up1",
    "route add default encap ip id 7 dst 10.0.0.9 via 10.0.0.1 dev up0",
    "route add unreachable default metric 9",
    "route add blackhole 128.0.0.0/1",
    "route add 0.0.0.0/1 via 10.0.0.1 dev up0",
    "route add ::/0 via fd00::1 dev up0",
    "route add ::/0 via fe80::1 dev up0 metric 7 proto static pref high src fd00::2 mtu 1400",
    "route add ::/0 dev up0 metric 7",
    "route add ::/0 metric 7 nexthop via fd00::1 dev up0 weight 2 nexthop via fd01::1 dev up1",
    "route add unreachable ::/0 metric 9",
    "route add 8000::/1 via fd00::1 dev up0",
  ])("away and back, with every attribute: %s", async (words) => {
    host.ip(words);
    const before = host.routing();
    const record = await only();
    expect(await add(record)).toBe("already-there");
    expect(await remove(record)).toBe("removed");
    expect(host.routing()).not.toBe(before);
    expect(await remove(record)).toBe("already-gone");
    expect(await add(record)).toBe("added");
    expect(host.routing()).toBe(before);
  });

  test("a record outlives the state of its link, and a dead leg comes back alive", async () => {
    host.ip("route add default metric 9 nexthop via 10.0.0.1 dev up0 nexthop via 10.1.0.1 dev up1");
    const before = host.table("ipv4", "main");
    host.ip("link set up1p down");
    await until("the dead leg", () => host.table("ipv4", "main").includes("linkdown"));
    const record = await only();
    expect(record.route.nexthops.map(({ linkdown }) => linkdown)).toEqual([false, true]);
    await remove(record);
    host.ip("link set up1p up");
    await host.settle("up1", "up1p");
    expect(await add(record)).toBe("added");
    expect(host.table("ipv4", "main")).toBe(before);
  });

  describe("what a caller changes in a record", () => {
    test("the route counts, the bytes give the rest", async () => {
      host.ip("route add default via 10.0.0.1 dev up0 metric 9 src 10.0.0.2 mtu 1400 advmss 1300");
      const record = await only();
      await remove(record);
      const moved = { gateway: "10.1.0.1", interfaceIndex: host.indexOf("up1"), source: null };
      expect(await add(changed(record, { ...moved, metric: 11 }))).toBe("added");
      expect(host.table("ipv4", "main")).toContain(
        "default via 10.1.0.1 dev up1 metric 11 mtu 1400 advmss 1300",
      );
    });

    test("a route without bytes, of our protocol and with an end", async () => {
      host.ip("route add ::/0 via fe80::1 dev up0 metric 7");
      const record = await only();
      await remove(record);
      const ours = changed(record, { protocol: "199", expiresAt: Date.now() + 600_000 });
      expect(await add({ ...ours, raw: new Uint8Array(0) })).toBe("added");
      expect(host.table("ipv6", "main")).toMatch(
        /default via fe80::1 dev up0 proto 199 metric 7 expires (600|599)sec/,
      );
      expect(await remove({ ...ours, raw: new Uint8Array(0) })).toBe("removed");
    });

    test("no whole route is no request", async () => {
      host.ip("route add default via 10.0.0.1 dev up0 metric 9");
      const record = await only();
      const before = host.routing();
      const bare = { gateway: null, interfaceIndex: null, onlink: false };
      for (const broken of [
        { ...changed(record, bare), raw: new Uint8Array(0) },
        changed(record, { protocol: "nobody" }),
      ]) {
        await expect(add(broken)).rejects.toMatchObject({ code: "rejected" });
        await expect(remove(broken)).rejects.toMatchObject({ code: "rejected" });
      }
      expect(host.routing()).toBe(before);
    });

    test("a source that is gone is refused in the kernel's words; without it the route is added", async () => {
      host.ip(
        "address add 10.0.0.3/24 dev up0",
        "route add default via 10.0.0.1 dev up0 src 10.0.0.3",
      );
      const record = await only();
      host.ip("address del 10.0.0.3/24 dev up0");
      expect(await defaults()).toEqual([]);
      await expect(add(record)).rejects.toThrow("Invalid prefsrc address");
      expect(await add(changed(record, { source: null }))).toBe("added");
    });
  });

  describe("nexthop objects", () => {
    test.each(["1", "0"])(
      "by id while the object has the same legs, with nexthop_compat_mode %s",
      async (mode) => {
        // This thread is in the namespace, and /proc/sys/net is of who opens it.
        writeFileSync("/proc/sys/net/ipv4/nexthop_compat_mode", mode);
        host.ip(
          "nexthop add id 1 via 10.0.0.1 dev up0",
          "nexthop add id 2 via 10.1.0.1 dev up1",
          "nexthop add id 10 group 1,3/2",
          "route add default nhid 10 metric 9",
        );
        const before = host.routing();
        const record = await only();
        await remove(record);
        expect(await add(record)).toBe("added");
        expect(host.routing()).toBe(before);
        // Deleting a nexthop object takes its route along, and no message says so but the object's own.
        host.ip("nexthop del id 10");
        expect(await defaults()).toEqual([]);
        expect(await add(record)).toBe("added");
        const [back] = await defaults();
        expect(back?.route).toMatchObject({
          nexthopId: null,
          nexthops: record.route.nexthops,
          metric: 9,
        });
        expect(await remove(changed(record, { nexthopId: null }))).toBe("removed");
      },
    );

    test("by its legs when the object has others now; link down takes object and route", async () => {
      host.ip("nexthop add id 1 via 10.0.0.1 dev up0", "route add default nhid 1");
      const record = await only();
      host.ip("link set up0 down");
      expect(host.namespace.ip("nexthop")).toBe("");
      expect(await defaults()).toEqual([]);
      host.ip("link set up0 up", "nexthop add id 1 via 10.1.0.1 dev up1");
      expect(await add(record)).toBe("added");
      expect(host.table("ipv4", "main")).toContain("default via 10.0.0.1 dev up0");
    });

    test("a group that lost a leg is another group", async () => {
      host.ip(
        "nexthop add id 1 via 10.0.0.1 dev up0",
        "nexthop add id 2 via 10.1.0.1 dev up1",
        "nexthop add id 10 group 1/2",
        "route add default nhid 10",
      );
      const record = await only();
      await remove(record);
      host.ip("nexthop del id 2");
      expect(await add(record)).toBe("added");
      expect((await only()).route).toMatchObject({
        nexthopId: null,
        nexthops: record.route.nexthops,
      });
    });
  });
});
