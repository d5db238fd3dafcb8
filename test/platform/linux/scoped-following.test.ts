import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { NetlinkSocket } from "../../../native-bindings/linux/netlink-socket.ts";
import type { IpFamily } from "../../../src/network/address.ts";
import type { ScopedDefault } from "../../../src/platform/route-control.ts";
import { forEachMessage } from "../../../src/wire/netlink/message.ts";
import { RTNLGRP_IPV6_ROUTE } from "../../../src/wire/netlink/message-constants.ts";
import { until } from "../../namespace/namespace.ts";
import {
  never,
  openTwoUplinkHost,
  pairOver,
  type RouteControlHost,
  twoUplinks,
} from "./route-control-host.ts";

const families = ["ipv4", "ipv6"] as const;

describe.skipIf(process.platform !== "linux")("a scoped default whose uplink changes", () => {
  let host: RouteControlHost;

  beforeEach(async () => {
    host = await openTwoUplinkHost();
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const pair = (family: IpFamily, more: Partial<ScopedDefault> = {}): ScopedDefault =>
    pairOver(host.indexOf("up0"), "up0", family === "ipv4" ? "10.0.0.1" : "fd00::1", more);
  const add = (entry: ScopedDefault): Promise<string> => host.control.addScoped(entry, never);
  const remove = (entry: ScopedDefault): Promise<void> => host.control.removeScoped(entry, never);
  const ip6 = (words: string): void => void host.namespace.ip(`-6 ${words}`);
  const ours = (family: IpFamily): readonly string[] =>
    host
      .rules(family)
      .split("\n")
      .filter((line) => line.includes("proto 199"))
      .map((line) => line.trim().replace(/\s+/g, " "));

  test("made anew: the rules attach by name over an empty table, and that is seen", async () => {
    await add(pair("ipv4"));
    host.ip("link del up0");
    expect(ours("ipv4")).toEqual([
      "5100: from all oif up0 [detached] lookup main suppress_prefixlength 0 proto 199",
      "5101: from all oif up0 [detached] lookup 5100 proto 199",
    ]);
    const [gone] = (await host.read()).scoped;
    expect(gone).toMatchObject({
      complete: false,
      entry: { interfaceName: "up0", interfaceIndex: 0, gateway: null },
    });
    host.ip(...twoUplinks.slice(0, 3), "address add 10.0.0.2/24 dev up0");
    expect(ours("ipv4").join()).not.toContain("detached");
    expect(host.table("ipv4", 5100)).toBe("");
    expect((await host.read()).scoped[0]?.complete).toBe(false);
    expect(await add(pair("ipv4"))).toBe("added");
    expect((await host.read()).scoped).toEqual([{ entry: pair("ipv4"), complete: true }]);
  });

  test.each(families)(
    "link down empties the table, and putting it back mends it: %s",
    async (family) => {
      await add(pair(family));
      host.ip("link set up0 down");
      expect(host.table(family, 5100)).toBe("");
      expect((await host.read()).scoped[0]?.complete).toBe(false);
      host.ip("link set up0 up");
      if (family === "ipv6") host.ip("address add fd00::2/64 dev up0 nodad");
      expect(host.table(family, 5100)).toBe("");
      expect(await add(pair(family))).toBe("added");
      expect((await host.read()).scoped).toEqual([{ entry: pair(family), complete: true }]);
    },
  );

  test("carrier loss leaves it complete: the kernel keeps it, linkdown", async () => {
    await add(pair("ipv4"));
    host.ip("link set up0p down");
    await until("the loss", () => host.table("ipv4", 5100).includes("linkdown"));
    expect((await host.read()).scoped).toEqual([{ entry: pair("ipv4"), complete: true }]);
    expect(await add(pair("ipv4"))).toBe("already-there");
  });

  test.each(families)(
    "renamed: the rules stay behind, the route goes along: %s",
    async (family) => {
      const before = host.routing();
      await add(pair(family));
      host.ip("link set up0 name wan0");
      expect(ours(family).join()).toContain("oif up0 [detached]");
      expect(host.table(family, 5100)).toContain("dev wan0");
      const [found] = (await host.read()).scoped;
      expect(found).toMatchObject({ complete: false, entry: { interfaceName: "up0" } });
      const index = host.indexOf("wan0");
      const renamed = {
        ...pairOver(index, "wan0", null),
        family,
        gateway: found?.entry.gateway ?? "",
      };
      expect(await add(renamed)).toBe("added");
      expect((await host.read()).scoped).toEqual([{ entry: renamed, complete: true }]);
      await remove(renamed);
      host.ip("link set wan0 name up0");
      expect(host.routing()).toBe(before);
    },
  );

  test("a stranger of the old name attaches to the old rules, and that is seen", async () => {
    await add(pair("ipv4"));
    host.ip("link set up0 name wan0", "link add up0 type veth peer name up0q");
    expect(ours("ipv4").join()).not.toContain("detached");
    expect((await host.read()).scoped[0]?.complete).toBe(false);
  });

  test("an address that goes leaves its preferred source behind in our table alone", async () => {
    host.ip(
      "address add 10.0.0.3/24 dev up0",
      "route add default via 10.0.0.1 dev up0 src 10.0.0.3",
    );
    await add(pair("ipv4", { source: "10.0.0.3" }));
    host.ip("address del 10.0.0.3/24 dev up0");
    expect(host.table("ipv4", "main")).not.toContain("default");
    expect(host.table("ipv4", 5100)).toContain("src 10.0.0.3");
    expect(await add(pair("ipv4"))).toBe("added");
    expect(host.table("ipv4", 5100)).toBe("default via 10.0.0.1 dev up0 proto 199");
  });

  test("in IPv6 it takes the source out of both tables, without a message and without taking a route", async () => {
    host.ip("address add fd00::3/64 dev up0 nodad");
    ip6("route add default via fd00::1 dev up0 src fd00::3");
    await add(pair("ipv6", { gateway: "fd00::1", source: "fd00::3" }));
    expect(host.table("ipv6", "main")).toMatch(/default via fd00::1 dev up0 src fd00::3/);
    using listener = NetlinkSocket.open({ nonBlocking: true, bufferBytes: 65_536 });
    listener.join(RTNLGRP_IPV6_ROUTE);
    host.ip("address del fd00::3/64 dev up0");
    ip6("route add default via fd00::1 dev up0 metric 7");
    // The one that was asked for, and nothing before it.
    expect(defaultsToldTo(listener)).toBe(1);
    for (const table of ["main", 5100]) {
      expect(host.table("ipv6", table)).toContain("default via fd00::1 dev up0");
      expect(host.table("ipv6", table)).not.toContain("src");
    }
    expect((await host.read()).scoped[0]).toMatchObject({
      entry: { source: null },
      complete: true,
    });
  });

  test("a name and an index of two interfaces are refused", async () => {
    const mixed = { ...pair("ipv4"), interfaceName: "up1" };
    await expect(add(mixed)).rejects.toMatchObject({ code: "no-such-interface" });
    await expect(add(mixed)).rejects.toThrow("is up0 now");
  });

  test("a gateway that is not on-link is refused in the kernel's words, and nothing is left", async () => {
    const before = host.routing();
    await expect(add(pair("ipv4", { gateway: "192.0.2.1" }))).rejects.toThrow(
      "Nexthop has invalid gateway",
    );
    expect(host.routing()).toBe(before);
    expect(() => ip6("route add default via fe80::1")).toThrow("Egress device not specified");
  });
});

/** Messages about defaults that a witness has heard. */
function defaultsToldTo(witness: NetlinkSocket): number {
  let found = 0;
  for (let datagram = witness.receive(); datagram !== null; datagram = witness.receive()) {
    const { bytes } = datagram;
    forEachMessage(bytes, bytes.length, (_type, _flags, _seq, _port, offset) => {
      if (bytes[offset + 1] === 0) found += 1;
    });
  }
  return found;
}
