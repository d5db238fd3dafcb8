import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { NetlinkSocket } from "../../../native-bindings/linux/netlink-socket.ts";
import type { LinuxPlatformOptions } from "../../../src/platform/linux/linux-platform.ts";
import type { ChangeHint } from "../../../src/platform/platform.ts";
import { encodeIfinfomsg } from "../../../src/wire/netlink/link.ts";
import { encodeMessage, forEachMessage } from "../../../src/wire/netlink/message.ts";
import {
  RTM_DELROUTE,
  RTM_NEWLINK,
  RTNLGRP_IPV4_ROUTE,
} from "../../../src/wire/netlink/message-constants.ts";
import { until } from "../../namespace/namespace.ts";
import { type HintListener, listen } from "../hint-listener.ts";
import { doors, type LinuxHost, openLinuxHost, uplinkCommands } from "./linux-host.ts";

const ipv4: ChangeHint = { kind: "defaults", family: "ipv4" };
const ipv6: ChangeHint = { kind: "defaults", family: "ipv6" };
const suspected: ChangeHint = { kind: "defaults", family: "ipv4", suspected: true };
const uplink = [
  ...uplinkCommands("up0"),
  "address add 10.0.0.2/24 dev up0",
  "address add fd00::2/64 dev up0 nodad",
];

describe.skipIf(process.platform !== "linux")("events of a real kernel", () => {
  let host: LinuxHost;
  let listener: HintListener;
  let aborter: AbortController;

  const open = async (
    options: LinuxPlatformOptions = {},
    links: readonly string[] = uplink,
  ): Promise<void> => {
    host = await openLinuxHost(options);
    host.namespace.ipBatch(links);
    aborter = new AbortController();
    listener = listen(host.platform, aborter.signal);
  };
  afterEach(async () => {
    aborter.abort();
    await host[Symbol.asyncDispose]();
  });

  test("with the filter, 5,000 changes of unrelated /24 routes bring no message, a default's comes through", async () => {
    // Without links, which settle in messages of their own.
    await open({}, []);
    const { platform, namespace } = host;
    const before = platform.counters().messages;
    const networks = Array.from({ length: 2_500 }, (_, at) => `10.${at >> 8}.${at & 255}.0/24`);
    namespace.ipBatch([
      ...networks.map((network) => `route add unreachable ${network} table 77`),
      ...networks.map((network) => `route del unreachable ${network} table 77`),
      "route add unreachable default metric 9",
    ]);
    await until("the default", () => platform.counters().messages > before);
    expect(platform.counters()).toMatchObject({ messages: before + 1, overflows: 0 });
    await listener.hears("the default", ipv4);
  });

  describe("with the filter", () => {
    beforeEach(() => open());

    test("a longer route of our own protocol comes through", async () => {
      host.namespace.ip("route add 192.0.2.0/24 via 10.0.0.1 dev up0 proto 199");
      await listener.hears("our route", ipv4);
      host.namespace.ip("-6 route add 2001:db8::/32 via fd00::1 dev up0 proto 199");
      await listener.hears("our route", ipv6);
    });

    test("half of a split comes through", async () => {
      host.namespace.ip("route add 128.0.0.0/1 via 10.0.0.1 dev up0");
      await listener.hears("half of a split", ipv4);
      host.namespace.ip("-6 route add fc00::/7 via fd00::1 dev up0");
      await listener.hears("a seventh bit", ipv6);
    });

    test("a rule rings its family, a nexthop object both", async () => {
      const { namespace } = host;
      namespace.ip("rule add from 10.0.0.2 lookup 100");
      await listener.hears("a rule", ipv4);
      namespace.ip("-6 rule add from fd00::2 lookup 100");
      await listener.hears("a rule", ipv6);
      namespace.ip("nexthop add id 5 via 10.0.0.1 dev up0");
      await listener.hears("a nexthop object", ipv4);
      await listener.hears("a nexthop object", ipv6);
    });

    test("a default by nexthop object goes with the object, and rings", async () => {
      const { namespace } = host;
      namespace.ip("nexthop add id 5 via 10.0.0.1 dev up0");
      namespace.ip("route add default nhid 5");
      await until("the default", async () => (await host.defaults("ipv4")).routes.length === 1);
      await listener.hears("the default", ipv4);
      namespace.ip("nexthop del id 5");
      await listener.hears("its end", ipv4);
      expect(await host.defaults("ipv4")).toEqual({ routes: [], answers: [null, null] });
    });

    test("link down takes the IPv4 default without a route message; up does not bring it back", async () => {
      const { namespace } = host;
      const index = host.indexOf("up0");
      namespace.ip("route add default via 10.0.0.1 dev up0");
      await listener.hears("the default", ipv4);
      using witness = NetlinkSocket.open({ nonBlocking: true, bufferBytes: 65_536 });
      witness.join(RTNLGRP_IPV4_ROUTE);
      namespace.ip("link set up0 down");
      await listener.hears("down", { kind: "interface", index });
      await listener.hears("the silent loss", suspected);
      expect(deletedDefaults(witness)).toBe(0);
      expect((await host.defaults("ipv4")).routes).toEqual([]);
      namespace.ip("link set up0 up");
      await listener.hears("up", { kind: "interface", index });
      await until("carrier", async () => (await host.interfaceNamed("up0")).carrier);
      expect((await host.defaults("ipv4")).routes).toEqual([]);
      expect(namespace.ipJson("-4 route show default")).toEqual([]);
    });

    test("down and up between two readings ring the defaults all the same", async () => {
      const { namespace } = host;
      namespace.ip("route add default via 10.0.0.1 dev up0");
      await listener.hears("the default", ipv4);
      namespace.ipBatch(["link set up0 down", "link set up0 up"]);
      await listener.hears("the silent loss", suspected);
    });

    test("deleting the last IPv4 address takes the default silently, and rings", async () => {
      const { namespace } = host;
      const index = host.indexOf("up0");
      namespace.ip("route add default via 10.0.0.1 dev up0");
      await listener.hears("the default", ipv4);
      using witness = NetlinkSocket.open({ nonBlocking: true, bufferBytes: 65_536 });
      witness.join(RTNLGRP_IPV4_ROUTE);
      namespace.ip("address del 10.0.0.2/24 dev up0");
      await listener.hears("an address gone", { kind: "interface", index });
      await listener.hears("the silent loss", suspected);
      expect(deletedDefaults(witness)).toBe(0);
      expect((await host.defaults("ipv4")).routes).toEqual([]);
    });

    test("carrier loss keeps the default, flags it linkdown, and rings", async () => {
      const { namespace } = host;
      namespace.ip("route add default via 10.0.0.1 dev up0");
      await listener.hears("the default", ipv4);
      namespace.ip("link set up0p down");
      await listener.hears("carrier loss", suspected);
      const [route] = (await host.defaults("ipv4")).routes;
      expect(route).toMatchObject({ gateway: "10.0.0.1", linkdown: true });
      expect((await host.interfaceNamed("up0")).carrier).toBe(false);
    });

    test("the ports of a bridge ring once for themselves and not as a bridge's news", async () => {
      const { namespace, platform } = host;
      namespace.ip("link add br0 type bridge");
      await listener.hears("a bridge", { kind: "interface", index: host.indexOf("br0") });
      const before = platform.counters().filtered;
      namespace.ip("link set up0 master br0");
      await listener.hears("its port", { kind: "interface", index: host.indexOf("up0") });
      await until("the bridge's news", () => platform.counters().filtered > before);
    });

    test("a forged message of another process rings nothing and is counted as foreign", async () => {
      const { platform } = host;
      const before = platform.counters();
      using forger = NetlinkSocket.open({ nonBlocking: true, bufferBytes: 64 });
      const body = encodeIfinfomsg(0, 4711);
      const forged = encodeMessage({ type: RTM_NEWLINK, flags: 0, seq: 0, pid: 0, body });
      forger.send(forged, eventPortId());
      await until("the forged message", () => platform.counters().foreign === before.foreign + 1);
      expect(await host.platform.read(doors([4711], []), aborter.signal)).toMatchObject({
        interfaces: new Map([[4711, null]]),
      });
      expect(listener.heard({ kind: "interface", index: 4711 })).toBe(false);
    });
  });

  describe("without the filter", () => {
    test("longer routes arrive and are counted as filtered", async () => {
      // Without links, whose own routes come when they settle.
      await open({ filter: false }, []);
      const { platform, namespace } = host;
      const before = platform.counters();
      namespace.ip("route add unreachable 192.0.2.0/24");
      await until("the route", () => platform.counters().messages > before.messages);
      expect(platform.counters().filtered).toBe(before.filtered + 1);
    });

    test("an overflow rings everything once, and the source goes on", async () => {
      await open({ filter: false, receiveBufferBytes: 4_096 });
      const { platform, namespace } = host;
      expect(platform.counters().receiveBufferBytes).toBe(4_096);
      // The batch runs while this thread waits for it: nobody drains.
      namespace.ipBatch(
        Array.from(
          { length: 500 },
          (_, at) => `route add unreachable 10.9.${at >> 1}.${(at & 1) << 7}/25`,
        ),
      );
      await listener.hears("an overflow", { kind: "all", reason: "overflow" });
      const { overflows, dropped } = platform.counters();
      expect(overflows).toBe(1);
      expect(dropped).toBeGreaterThan(0);
      namespace.ip("route add default via 10.0.0.1 dev up0");
      await listener.hears("a default after it", ipv4);
      expect(platform.counters().overflows).toBe(1);
    });
  });
});

/** Deletions of a default that a witness heard. */
function deletedDefaults(witness: NetlinkSocket): number {
  let found = 0;
  for (let datagram = witness.receive(); datagram !== null; datagram = witness.receive()) {
    const { bytes } = datagram;
    forEachMessage(bytes, bytes.length, (type, _flags, _seq, _pid, offset) => {
      if (type === RTM_DELROUTE && bytes[offset + 1] === 0) found += 1;
    });
  }
  return found;
}

/** Port id of the one netlink socket of this namespace that is in multicast groups (columns: sk Eth Pid Groups …). */
function eventPortId(): number {
  const rows = readFileSync("/proc/net/netlink", "utf8").trim().split("\n").slice(1);
  const ports = rows
    .map((row) => row.trim().split(/\s+/))
    .filter(
      ([, protocol, port, groups]) => protocol === "0" && port !== "0" && groups !== "00000000",
    )
    .map(([, , port]) => Number(port));
  const [port] = ports;
  if (port === undefined || ports.length > 1) throw new Error(`one event socket, not ${ports}`);
  return port;
}
