import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../namespace/namespace.ts";
import { openPacketLab, outside, type PacketLab } from "../platform/linux/packet-lab.ts";
import {
  openRouteControlHost,
  type RouteControlHost,
} from "../platform/linux/route-control-host.ts";
import type { DaemonProcess } from "./daemon-process.ts";
import { type ManagedHost, manageHost } from "./managed-host.ts";
import {
  startVpn,
  type TakeOver,
  type VpnDevice,
  type VpnProcess,
  vanishingDevices,
} from "./vpn-process.ts";

type Ending = (vpn: VpnProcess, daemon: DaemonProcess) => Promise<void>;

const ways: readonly TakeOver[] = ["replace", "metric", "split"];
const families = ["ipv4", "ipv6"] as const;

describe.skipIf(process.platform !== "linux")("two uplinks and a full-tunnel VPN", () => {
  let host: RouteControlHost;
  let lab: PacketLab;
  let managed: ManagedHost;
  let before: readonly unknown[];

  beforeAll(async () => {
    host = await openRouteControlHost();
    lab = await openPacketLab(host, ["A", "B"]);
    managed = manageHost(host.namespace);
    host.ip(
      "route add default via 10.0.0.1 dev up0 metric 100",
      "route add ::/0 via fd00::1 dev up0 metric 100",
    );
    laySecondDefaults();
    await host.settle("up0", "up1");
    before = managed.routing();
    // The journal must know what was good before a VPN takes it away: it has to stand for 10 s.
    await using daemon = await managed.start();
    await until("the last known good ones", () => knownGood(daemon), 30_000);
  }, 60_000);
  afterAll(async () => {
    managed?.[Symbol.dispose]();
    lab?.[Symbol.dispose]();
    await host?.[Symbol.asyncDispose]();
  });

  const laySecondDefaults = (): void =>
    host.ip(
      "route replace default via 10.1.0.1 dev up1 metric 600",
      "route replace ::/0 via fd01::1 dev up1 metric 600",
    );
  const knownGood = async (daemon: DaemonProcess): Promise<boolean> => {
    const { stdout } = await daemon.netwatch("routes", "list", "--json");
    const { lastKnownGood } = JSON.parse(stdout);
    return families.every((family) => lastKnownGood[family] !== null);
  };
  const ask = (to: string, ...bound: readonly string[]): string =>
    lab.ask({ by: "udp", to, bound, waitMs: 3_000 });
  const vpnIsGone = (): Promise<void> =>
    until("the VPN's device going", () => !host.namespace.ip("link show").includes("vpn0"), 20_000);

  const endings: readonly (readonly [string, Ending])[] = [
    [
      "the VPN, then the daemon",
      async (vpn, daemon) => {
        await vpn.kill();
        await vpnIsGone();
        await daemon.stop("SIGKILL");
        expect(await managed.restore()).toMatchObject({ code: 0, stderr: "" });
      },
    ],
    [
      "the daemon, then the VPN",
      async (vpn, daemon) => {
        await daemon.stop("SIGKILL");
        await vpn.kill();
        await vpnIsGone();
        expect(await managed.restore()).toMatchObject({ code: 0, stderr: "" });
      },
    ],
    [
      "both at once",
      async (vpn, daemon) => {
        await Promise.all([vpn.kill(), daemon.stop("SIGKILL")]);
        await vpnIsGone();
        expect(await managed.restore()).toMatchObject({ code: 0, stderr: "" });
      },
    ],
    [
      "the VPN only",
      async (vpn, daemon) => {
        await vpn.kill();
        await vpnIsGone();
        expect(await daemon.netwatch("routes", "restore")).toMatchObject({ code: 0, stderr: "" });
        for (const family of families) expect(ask(outside[family])).toBe("A");
        await daemon.stop("SIGTERM");
      },
    ],
    [
      "the daemon only, whose VPN lives on",
      async (vpn, daemon) => {
        await daemon.stop("SIGKILL");
        expect(await managed.restore()).toMatchObject({ code: 0, stderr: "" });
        expect(host.rules("ipv4") + host.rules("ipv6")).not.toMatch(/510[0-9]/);
        expect(ask(outside.ipv4)).toBe("V");
        await vpn.kill();
        await vpnIsGone();
        expect(await managed.restore()).toMatchObject({ code: 0, stderr: "" });
      },
    ],
    [
      "the daemon, another one, the VPN",
      async (vpn, daemon) => {
        await daemon.stop("SIGKILL");
        await using next = await managed.start();
        expect(ask(outside.ipv4, "device=up1")).toBe("B");
        await vpn.kill();
        await vpnIsGone();
        expect(await next.netwatch("routes", "restore")).toMatchObject({ code: 0, stderr: "" });
      },
    ],
  ];

  // Each order with each way once; the devices take turns.
  const devices = vanishingDevices();
  const deviceOf = (at: number): VpnDevice => devices[at % devices.length] ?? "veth";
  const orders = endings.map(([order, end], at) => [order, deviceOf(at), end] as const);

  describe.each(ways)("which takes over by: %s", (way) => {
    test.each(devices)("bound sockets leave by their uplink, others by the %s", async (device) => {
      await using daemon = await managed.start();
      await using vpn = await startVpn(host.namespace, device, way);
      for (const family of families) {
        const server = outside[family];
        const [a, b] = family === "ipv4" ? ["10.0.0.7", "10.1.0.7"] : ["fd00::7", "fd01::7"];
        await until("the tunnel", () => ask(server) === "V");
        expect(ask(server, "device=up0")).toBe("A");
        expect(ask(server, "device=up1")).toBe("B");
        expect(ask(a, "device=up0")).toBe("A");
        expect(ask(b, "device=up1")).toBe("B");
        expect(ask(b)).toBe("B");
      }
      await daemon.stop("SIGTERM");
      await vpn.kill();
      await vpnIsGone();
      expect(await managed.restore()).toMatchObject({ code: 0, stderr: "" });
      laySecondDefaults();
      expect(managed.routing()).toEqual(before);
    });

    test.each(orders)("kill -9 of %s; one restore is enough (%s)", async (_, device, end) => {
      await using daemon = await managed.start();
      await using vpn = await startVpn(host.namespace, device, way);
      for (const family of families) await until("the tunnel", () => ask(outside[family]) === "V");
      await end(vpn, daemon);
      for (const family of families) expect(ask(outside[family])).toBe("A");
      // The second uplink's default was the VPN's to keep: only the best one is known to be good.
      laySecondDefaults();
      expect(managed.routing()).toEqual(before);
    });
  });

  test.each(ways)(
    "a device that stays when its VPN is gone keeps its default until it goes: %s",
    async (way) => {
      const daemon = await managed.start();
      await using vpn = await startVpn(host.namespace, "left", way);
      for (const family of families) expect(ask(outside[family], "device=up0")).toBe("A");
      await vpn.kill();
      await daemon.stop("SIGKILL");
      expect(await managed.restore()).toMatchObject({ code: 0, stderr: "" });
      expect(managed.routing()).not.toEqual(before);
      expect(host.rules("ipv4") + host.rules("ipv6")).not.toMatch(/510[0-9]/);
      host.ip("link del vpn0");
      expect(await managed.restore()).toMatchObject({ code: 0, stderr: "" });
      for (const family of families) expect(ask(outside[family])).toBe("A");
      laySecondDefaults();
      expect(managed.routing()).toEqual(before);
    },
  );
});
