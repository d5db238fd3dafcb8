import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { IpFamily } from "../../../src/network/address.ts";
import type { ScopedDefault } from "../../../src/platform/route-control.ts";
import { openPacketLab, outside, type PacketLab } from "./packet-lab.ts";
import {
  never,
  openRouteControlHost,
  pairOver,
  type RouteControlHost,
} from "./route-control-host.ts";

const families = ["ipv4", "ipv6"] as const;
const protocols = ["tcp", "udp"] as const;

/** Long enough for an answer that comes, short enough to wait for one that does not. */
const waitMs = 700;

describe.skipIf(process.platform !== "linux")("packets of bound sockets", () => {
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

  const gateways = { ipv4: ["10.0.0.1", "10.1.0.1"], ipv6: ["fe80::1", "fd01::1"] } as const;
  const pair = (family: IpFamily, net: 0 | 1, more: Partial<ScopedDefault> = {}): ScopedDefault => {
    const name = `up${net}`;
    return pairOver(host.indexOf(name), name, gateways[family][net], { slot: net, ...more });
  };
  const add = async (...entries: readonly ScopedDefault[]): Promise<void> => {
    for (const entry of entries) expect(await host.control.addScoped(entry, never)).toBe("added");
  };
  const setFilter = (name: string, value: number): void =>
    writeFileSync(`/proc/sys/net/ipv4/conf/${name}/rp_filter`, String(value));

  test.each(families)(
    "bound to an uplink they go by its gateway, unbound into the tunnel: %s",
    async (family) => {
      await add(pair(family, 0), pair(family, 1));
      for (const by of protocols) {
        expect(lab.ask({ by, to: outside[family] })).toBe("V");
        expect(lab.ask({ by, to: outside[family], bound: ["device=up0"] })).toBe("A");
        expect(lab.ask({ by, to: outside[family], bound: ["device=up1"] })).toBe("B");
      }
    },
  );

  test.each(families)("on-link neighbours are reached directly: %s", async (family) => {
    await add(pair(family, 0));
    const neighbour = family === "ipv4" ? "10.0.0.7" : "fd00::7";
    expect(lab.ask({ by: "tcp", to: neighbour, bound: ["device=up0"] })).toBe("A");
    const known = host.namespace.ipJson("neigh show dev up0") as { dst: string }[];
    expect(known.map(({ dst }) => dst)).toContain(neighbour);
    expect(known.map(({ dst }) => dst)).not.toContain(gateways[family][0]);
  });

  test("without the suppressing rule a neighbour is sent to the gateway", async () => {
    const entry = pair("ipv4", 0);
    await add(entry);
    const wayTo = (): unknown => host.namespace.ipJson("route get 10.0.0.7 oif up0");
    expect(wayTo()).toEqual([expect.not.objectContaining({ gateway: expect.anything() })]);
    host.ip("rule del pref 5100 oif up0 lookup main suppress_prefixlength 0 proto 199");
    expect(wayTo()).toEqual([expect.objectContaining({ gateway: "10.0.0.1", table: "5100" })]);
    // What is left is found for what it is: a throw form that names no prefix.
    expect((await host.read()).scoped[0]?.entry.form).toBe("throw");
    expect(await host.control.addScoped(entry, never)).toBe("added");
    expect(wayTo()).toEqual([expect.not.objectContaining({ gateway: expect.anything() })]);
  });

  test("without a scoped default IPv4 takes the whole world for on-link, without an error", () => {
    expect(lab.ask({ by: "udp", to: outside.ipv4, bound: ["device=up0"], waitMs })).toBe("silence");
    expect(host.namespace.ipJson(`route get ${outside.ipv4} oif up0`)).toEqual([
      expect.not.objectContaining({ gateway: expect.anything() }),
    ]);
  });

  test("an empty table means silence in IPv4 and ENETUNREACH in IPv6", async () => {
    await add(pair("ipv4", 0), pair("ipv6", 0));
    host.ip("route flush table 5100");
    host.namespace.ip("-6 route flush table 5100");
    expect(lab.ask({ by: "udp", to: outside.ipv4, bound: ["device=up0"], waitMs })).toBe("silence");
    expect(lab.ask({ by: "udp", to: outside.ipv6, bound: ["device=up0"], waitMs })).toBe(
      "ENETUNREACH",
    );
  });

  test("strict reverse path filtering drops the answers; loose, or rules for replies, do not", async () => {
    await add(pair("ipv4", 0));
    const asked = { by: "tcp", to: outside.ipv4, bound: ["device=up0"], waitMs } as const;
    const strict = async (): Promise<unknown> =>
      (await host.read()).obstacles.filter(({ kind }) => kind === "rp-filter-strict");
    const obstacle = (name: string) => ({
      kind: "rp-filter-strict",
      interfaceIndex: host.indexOf(name),
    });
    setFilter("all", 0);
    setFilter("up0", 0);
    expect(lab.ask(asked)).toBe("A");
    expect(await strict()).not.toContainEqual(obstacle("up0"));
    setFilter("up0", 1);
    expect(lab.ask(asked)).toBe("silence");
    expect(await strict()).toContainEqual(obstacle("up0"));
    setFilter("all", 2);
    expect(lab.ask(asked)).toBe("A");
    expect(await strict()).toEqual([]);
    setFilter("all", 1);
    setFilter("up0", 0);
    expect(lab.ask(asked)).toBe("silence");
    expect(await strict()).toContainEqual(obstacle("up0"));
    await add(pair("ipv4", 0, { replyAddresses: ["10.0.0.2"] }));
    expect(lab.ask(asked)).toBe("A");
  });

  test.each(["unreachable", "blackhole", "prohibit"])(
    "a kill switch in main, %s, makes the pair silent in IPv4, and not the throw form",
    async (type) => {
      const form = { form: "throw", connected: ["10.0.0.0/24"] } as const;
      const asked = { by: "tcp", to: outside.ipv4, bound: ["device=up0"], waitMs } as const;
      await add(pair("ipv4", 0));
      expect(lab.ask(asked)).toBe("A");
      host.ip(`route add ${type} default metric 9999`);
      expect(lab.ask(asked)).not.toBe("A");
      expect((await host.read()).obstacles).toContainEqual({
        kind: "kill-switch",
        family: "ipv4",
        prefix: "0.0.0.0/0",
        type,
      });
      await add(pair("ipv4", 0, form));
      expect(lab.ask(asked)).toBe("A");
      expect(lab.ask({ ...asked, to: "10.0.0.7" })).toBe("A");
      const known = host.namespace.ipJson("neigh show dev up0") as { dst: string }[];
      expect(known.map(({ dst }) => dst)).toContain("10.0.0.7");
    },
  );

  test("a kill switch over half of the world counts too, and none does in IPv6", async () => {
    await add(pair("ipv4", 0), pair("ipv6", 0));
    host.ip("route add blackhole 128.0.0.0/1");
    host.namespace.ip("-6 route add unreachable ::/0 metric 9999");
    expect((await host.read()).obstacles.filter(({ kind }) => kind === "kill-switch")).toEqual([
      { kind: "kill-switch", family: "ipv4", prefix: "128.0.0.0/1", type: "blackhole" },
    ]);
    const bound = ["device=up0"];
    expect(lab.ask({ by: "tcp", to: outside.ipv4, bound, waitMs })).not.toBe("A");
    expect(lab.ask({ by: "tcp", to: outside.ipv6, bound })).toBe("A");
  });

  test.each(families)(
    "IP_UNICAST_IF and PKTINFO count for UDP, and not for TCP: %s",
    async (family) => {
      await add(pair(family, 0));
      const to = outside[family];
      expect(lab.ask({ by: "udp", to, bound: ["unicast=up0"] })).toBe("A");
      expect(lab.ask({ by: "udp", to, bound: ["pktinfo=up0"] })).toBe("A");
      expect(lab.ask({ by: "tcp", to, bound: ["unicast=up0"] })).toBe("V");
    },
  );
});
