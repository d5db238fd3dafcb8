import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../namespace/namespace.ts";
import { openPacketLab, outside, type PacketLab } from "../platform/linux/packet-lab.ts";
import {
  openRouteControlHost,
  type RouteControlHost,
} from "../platform/linux/route-control-host.ts";
import { type ManagedHost, manageHost } from "./managed-host.ts";

describe.skipIf(process.platform !== "linux")("two uplinks and a full-tunnel VPN", () => {
  let host: RouteControlHost;
  let lab: PacketLab;
  let managed: ManagedHost;

  beforeEach(async () => {
    host = await openRouteControlHost();
    lab = await openPacketLab(host);
    managed = manageHost(host.namespace);
    host.ip(
      "route add default via 10.0.0.1 dev up0 metric 100",
      "route add default via 10.1.0.1 dev up1 metric 600",
    );
    await until("no tentative address", () => host.namespace.ip("-6 addr show tentative") === "");
    await host.settle("up0", "up1", "vpn0");
  });
  afterEach(async () => {
    managed?.[Symbol.dispose]();
    lab?.[Symbol.dispose]();
    await host?.[Symbol.asyncDispose]();
  });

  const ask = (to: string, ...bound: readonly string[]): string =>
    lab.ask({ by: "tcp", to, bound });
  const vpnUp = (): void => host.ip("route add default dev vpn0 via 10.2.0.1 metric 10");
  const vpnDies = (): void => host.ip("route del default dev vpn0 via 10.2.0.1 metric 10");

  test.each([
    ["the VPN", "the daemon"],
    ["the daemon", "the VPN"],
  ])(
    "bound sockets leave by their uplink; %s is killed, then %s, and one restore is enough",
    async (first) => {
      const before = managed.routing();
      const daemon = await managed.start();
      vpnUp();
      const server = outside.ipv4;
      expect(ask(server)).toBe("V");
      expect(ask(server, "device=up0")).toBe("A");
      expect(ask(server, "device=up1")).toBe("B");
      expect(ask("10.0.0.7", "device=up0")).toBe("A");
      expect(ask("10.1.0.7")).toBe("B");
      if (first === "the VPN") vpnDies();
      await daemon.stop("SIGKILL");
      if (first !== "the VPN") vpnDies();
      expect(await managed.restore()).toMatchObject({ code: 0, stderr: "" });
      expect(managed.routing()).toEqual(before);
      expect(ask(server)).toBe("A");
    },
  );
});
