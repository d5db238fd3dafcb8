import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { IpFamily } from "../../../src/network/address.ts";
import { openPacketLab, outside, type PacketLab } from "./packet-lab.ts";
import {
  never,
  openRouteControlHost,
  pairOver,
  type RouteControlHost,
} from "./route-control-host.ts";

const families = ["ipv4", "ipv6"] as const;

/** Long enough for an answer that comes, short enough to wait for one that does not. */
const waitMs = 700;

const gateways = { ipv4: "10.0.0.1", ipv6: "fd00::1" } as const;
const addresses = { ipv4: "10.0.0.2", ipv6: "fd00::2" } as const;

// A rule with an oif is for sockets that are bound to a device: the kernel gives no oif to look-ups for other packets
// (fib_rule_match(), net/core/fib_rules.c).
describe.skipIf(process.platform !== "linux")(
  "packets of a full-tunnel host that no socket has bound to an interface",
  () => {
    let host: RouteControlHost;
    let lab: PacketLab;

    beforeEach(async () => {
      host = await openRouteControlHost();
      lab = await openPacketLab(host);
      host.ip(
        "route add default via 10.2.0.1 dev vpn0 metric 5",
        "route add ::/0 via fd02::1 dev vpn0 metric 5",
      );
    });
    afterEach(async () => {
      lab[Symbol.dispose]();
      await host[Symbol.asyncDispose]();
    });

    const add = async (family: IpFamily, replyAddresses: readonly string[] = []): Promise<void> => {
      const entry = pairOver(host.indexOf("up0"), "up0", gateways[family], { replyAddresses });
      expect(await host.control.addScoped(entry, never)).toBe("added");
    };
    const fromOutside = (by: "tcp" | "udp" | "echo", family: IpFamily) =>
      ({ by, to: addresses[family], bound: [`source=${outside[family]}`], waitMs }) as const;

    describe.each(families)("%s", (family) => {
      const bound = [`source=${addresses[family]}`];

      test.each(["tcp", "udp"] as const)(
        "a socket bound by its address alone goes into the tunnel, and with `replies` by its uplink: %s",
        async (by) => {
          await add(family);
          expect(lab.ask({ by, to: outside[family], bound })).toBe("V");
          await add(family, [addresses[family]]);
          expect(lab.ask({ by, to: outside[family], bound })).toBe("A");
          expect(lab.ask({ by, to: outside[family] })).toBe("V");
        },
      );

      test("the SYN-ACK of a listener bound to nothing goes into the tunnel, until replies are wished for", async () => {
        await lab.serve();
        await add(family);
        expect(lab.askFromOutside(fromOutside("tcp", family))).toBe("silence");
        await add(family, [addresses[family]]);
        expect(lab.askFromOutside(fromOutside("tcp", family))).toBe("host");
      });

      test("so does the RST of a port where nobody listens", async () => {
        await add(family);
        expect(lab.askFromOutside(fromOutside("tcp", family))).toBe("silence");
        await add(family, [addresses[family]]);
        expect(lab.askFromOutside(fromOutside("tcp", family))).toBe("ECONNREFUSED");
      });

      // icmpv6_echo_reply() (net/ipv6/icmp.c) asks for the interface that the request came by; IPv4 does not.
      test("so does the reply to an echo request in IPv4; in IPv6 it leaves by the interface that was asked", async () => {
        await add(family);
        const without = family === "ipv4" ? "silence" : "echo";
        expect(lab.askFromOutside(fromOutside("echo", family))).toBe(without);
        await add(family, [addresses[family]]);
        expect(lab.askFromOutside(fromOutside("echo", family))).toBe("echo");
      });

      test("a listener bound to the interface answers by it", async () => {
        await lab.serve("up0");
        await add(family);
        expect(lab.askFromOutside(fromOutside("tcp", family))).toBe("host");
        expect(lab.askFromOutside(fromOutside("udp", family))).toBe("host");
      });

      test("a UDP server bound to nothing names no source, so that `replies` does not help it", async () => {
        await lab.serve();
        await add(family);
        expect(lab.askFromOutside(fromOutside("udp", family))).toBe("silence");
        await add(family, [addresses[family]]);
        expect(lab.askFromOutside(fromOutside("udp", family))).toBe("silence");
      });

      test("what is forwarded goes into the tunnel, with `replies` too", async () => {
        const there = family === "ipv4" ? "198.51.100.2" : "2001:db8:ffff::2";
        const length = family === "ipv4" ? "/32" : "/128 nodad";
        for (const way of ["A", "V"] as const)
          lab.ipOf(way, `address add ${there}${length.split(" ")[0]} dev lo`);
        for (const path of ["ipv4/ip_forward", "ipv6/conf/all/forwarding"])
          writeFileSync(`/proc/sys/net/${path}`, "1");
        await add(family);
        expect(lab.askFromOutside({ by: "tcp", to: there }, "B")).toBe("V");
        await add(family, [addresses[family]]);
        expect(lab.askFromOutside({ by: "tcp", to: there }, "B")).toBe("V");
      });
    });
  },
);
