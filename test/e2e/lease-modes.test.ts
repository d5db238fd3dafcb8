import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../namespace/namespace.ts";
import { openPacketLab, outside, type PacketLab } from "../platform/linux/packet-lab.ts";
import {
  openRouteControlHost,
  type RouteControlHost,
} from "../platform/linux/route-control-host.ts";
import type { DaemonProcess } from "./daemon-process.ts";
import { type Leaseholder, startLeaseholder } from "./lease-holder.ts";
import { type ManagedHost, manageHost } from "./managed-host.ts";

const modes = ["metric", "split", "displace"] as const;
const families = ["ipv4", "ipv6"] as const;

// A VPN that writes no route itself: it holds a lease, and its packets are the proof.
describe.skipIf(process.platform !== "linux")("a VPN that holds a lease", () => {
  let host: RouteControlHost;
  let lab: PacketLab;
  let managed: ManagedHost;
  let daemon: DaemonProcess;
  let before: readonly unknown[];
  let untouched: readonly unknown[];

  beforeEach(async () => {
    host = await openRouteControlHost();
    lab = await openPacketLab(host);
    managed = manageHost(host.namespace);
    host.ip(
      "route add default via 10.0.0.1 dev up0 metric 100",
      "route add default via 10.1.0.1 dev up1 metric 600",
      "route add ::/0 via fd00::1 dev up0 metric 100",
    );
    await host.settle("up0", "up1", "vpn0");
    untouched = managed.routing();
    daemon = await managed.start();
    await until("the scoped defaults", () => host.rules("ipv4").includes("oif up1"));
    before = managed.routing();
  });
  afterEach(async () => {
    await daemon?.[Symbol.asyncDispose]();
    managed?.[Symbol.dispose]();
    lab?.[Symbol.dispose]();
    await host?.[Symbol.asyncDispose]();
  });

  const vpn = (...words: readonly string[]): Leaseholder =>
    startLeaseholder(
      host.namespace,
      daemon,
      ...["default", "--via", "vpn0", "--gateway", "10.2.0.1", "--gateway", "fd02::1"],
      ...words,
    );
  const ask = (to: string, ...bound: readonly string[]): string =>
    lab.ask({ by: "udp", to, bound, waitMs: 3_000 });
  const leadsOver = (device: string, to: string): boolean => {
    try {
      return host.namespace.ip(`route get ${to}`).includes(`dev ${device} `);
    } catch {
      return false;
    }
  };

  const allIs = async (wanted: readonly unknown[]): Promise<void> => {
    const isSame = (): boolean => JSON.stringify(managed.routing()) === JSON.stringify(wanted);
    // What differs is said by the comparison.
    await until("everything as before", isSame, 15_000).catch(() => undefined);
    expect(managed.routing()).toEqual(wanted);
  };

  describe.each(modes)("by %s", (mode) => {
    test("owns unbound packets, and when it is killed nothing of it is left", async () => {
      expect(ask(outside.ipv4)).toBe("A");
      // `cat` ends with its input, which is the test's.
      using holder = vpn("--mode", mode, "--endpoint", "203.0.113.9", "--", "cat");
      await holder.granted();
      for (const family of families) expect(ask(outside[family])).toBe("V");
      expect(ask(outside.ipv4, "device=up0")).toBe("A");
      expect(ask(outside.ipv4, "device=up1")).toBe("B");
      expect(leadsOver("up0", "203.0.113.9")).toBe(true);
      await holder.kill();
      for (const family of families)
        await until(`${family} without it`, () => leadsOver("up0", outside[family]));
      for (const family of families) expect(ask(outside[family])).toBe("A");
      await allIs(before);
      holder.child.stdin?.end();
    });

    test("and the daemon killed with it: one restore is enough", async () => {
      using holder = vpn("--mode", mode, "--endpoint", "203.0.113.9", "--ttl", "1h");
      await holder.granted();
      await daemon.stop("SIGKILL");
      await holder.kill();
      expect(await managed.restore()).toMatchObject({ code: 0, stderr: "" });
      expect(managed.routing()).toEqual(untouched);
      await using _next = await managed.start();
      for (const family of families) expect(ask(outside[family])).toBe("A");
      expect(await leases()).toEqual([]);
    });

    test("the tunnel dies before the lease: packets go as before, or nowhere", async () => {
      using holder = vpn("--mode", mode);
      await holder.granted();
      host.ip("link set vpn0 down");
      await until("the uplink", () => leadsOver("up0", outside.ipv4));
      expect(ask(outside.ipv4)).toBe("A");
      await until("the news", () => holder.lines.at(-1)?.kind === "lost");
      await holder.kill();
      // IPv6 addresses go with the link.
      host.ip("link set vpn0 up", "address add fd02::2/64 dev vpn0 nodad");
      await host.settle("vpn0");
      await until("the end of the lease", async () => (await leases()).length === 0);

      using blocking = vpn("--mode", mode, "--on-lost", "block");
      await blocking.granted();
      expect(ask(outside.ipv4)).toBe("V");
      host.ip("link del vpn0");
      // At once, before anybody has heard of it, and as long as the lease is held.
      for (const family of families) expect(ask(outside[family])).toMatch(/UNREACH/);
      await until("the news", () => blocking.lines.at(-1)?.kind === "lost");
      for (const family of families) expect(ask(outside[family])).toMatch(/UNREACH/);
      expect(ask(outside.ipv4, "device=up0")).toBe("A");
      await blocking.kill();
      await until("the uplink", () => leadsOver("up0", outside.ipv4));
      for (const family of families) expect(ask(outside[family])).toBe("A");
    });
  });

  test("is refused where a rule would win all the same, and nothing of it is left", async () => {
    host.ip("route add default via 10.1.0.1 dev up1 table 77", "rule add pref 700 lookup 77");
    using holder = vpn("--family", "ipv4");
    await until("the refusal", () => holder.child.exitCode !== null);
    expect(holder.child.exitCode).toBe(5);
    expect(holder.stderr()).toContain("shadowed by rule 700");
    host.ip("rule del pref 700");
    host.ip("route del default via 10.1.0.1 dev up1 table 77");
    await allIs(before);
  });

  const leases = async (): Promise<readonly unknown[]> => (await daemon.status()).leases;
});
