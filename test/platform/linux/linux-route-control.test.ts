import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { enterNetworkNamespace } from "../../../native-bindings/linux/network-namespace.ts";
import { openLinuxRouteControl } from "../../../src/platform/linux/linux-route-control.ts";
import {
  openTraceableTransport,
  type RequestTransport,
} from "../../../src/platform/linux/requester.ts";
import { openNamespace } from "../../namespace/namespace.ts";
import {
  layout,
  never,
  openTwoUplinkHost,
  pairOver,
  type RouteControlHost,
} from "./route-control-host.ts";

describe.skipIf(process.platform !== "linux")("openLinuxRouteControl()", () => {
  let host: RouteControlHost;

  beforeEach(async () => {
    host = await openTwoUplinkHost();
  });
  afterEach(() => host[Symbol.asyncDispose]());

  test("identity() has the boot id, and another cookie in another namespace", async () => {
    const here = host.control.identity();
    expect(here.bootId).toBe(readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
    using other = await openNamespace();
    enterNetworkNamespace(other.path);
    await using control = openLinuxRouteControl(layout);
    expect(control.identity().bootId).toBe(here.bootId);
    expect(control.identity().namespaceCookie).not.toBe(here.namespaceCookie);
    // The first one still speaks of where it was opened.
    expect(host.control.identity()).toEqual(here);
  });

  test("after its end it changes nothing", async () => {
    const before = host.routing();
    await host.control[Symbol.asyncDispose]();
    const entry = pairOver(host.indexOf("up0"), "up0", "10.0.0.1");
    for (const attempt of [host.control.read(never), host.control.addScoped(entry, never)])
      await expect(attempt).rejects.toMatchObject({ name: "PlatformError", code: "socket-lost" });
    expect(host.routing()).toBe(before);
  });

  test("read() tells the defaults of every table that unbound packets reach, as the kernel keeps them", async () => {
    host.ip(
      "route add default via 10.0.0.1 dev up0 metric 9 proto dhcp",
      "route add 128.0.0.0/1 via 10.1.0.1 dev up1",
      "route add default via 10.1.0.9 dev up1 table 77",
      "rule add pref 32000 lookup 77",
      "route add default via 10.1.0.7 dev up1 table 78",
      "rule add pref 32001 fwmark 7 lookup 78",
      "route add default via 10.0.0.7 dev up0 metric 10 proto 199",
    );
    await host.control.addScoped(pairOver(host.indexOf("up0"), "up0", "10.0.0.1"), never);
    const { defaults } = await host.read();
    expect(
      defaults.map(({ route }) => [route.table, route.prefix, route.gateway, route.protocol]),
    ).toEqual([
      [254, "0.0.0.0/0", "10.0.0.1", "dhcp"],
      [254, "0.0.0.0/0", "10.0.0.7", "199"],
      [254, "128.0.0.0/1", "10.1.0.1", "boot"],
      [77, "0.0.0.0/0", "10.1.0.9", "boot"],
    ]);
  });

  test("read() tells the host routes over a gateway, and only those", async () => {
    host.ip(
      "route add 198.51.100.9 via 10.0.0.1 dev up0",
      "route add 198.51.100.10 dev up0",
      "route add unreachable 198.51.100.11",
      "route add 198.51.100.0/31 via 10.0.0.1 dev up0",
      "route add 2001:db8::9 via fd01::1 dev up1",
    );
    expect((await host.read()).pinnedHosts).toEqual([
      {
        family: "ipv4",
        destination: "198.51.100.9",
        gateway: "10.0.0.1",
        interfaceIndex: host.indexOf("up0"),
      },
      {
        family: "ipv6",
        destination: "2001:db8::9",
        gateway: "fd01::1",
        interfaceIndex: host.indexOf("up1"),
      },
    ]);
  });

  test("read() takes of a table of 50,000 routes no more than its beginning", async () => {
    const many = Array.from(
      { length: 50_000 },
      (_, at) => `route add 20.${at >> 16}.${(at >> 8) & 255}.${at & 255}/32 dev up0`,
    );
    host.ip(...many, "route add default via 10.0.0.1 dev up0", "route add 0.0.0.0/1 dev up1");
    let bytes = 0;
    const counting = (): RequestTransport => {
      const real = openTraceableTransport();
      return {
        send: (request) => real.send(request),
        receiveWhole() {
          const datagram = real.receiveWhole();
          bytes += datagram?.bytes.length ?? 0;
          return datagram;
        },
        setReceiveTimeout: (timeoutMs) => real.setReceiveTimeout(timeoutMs),
        [Symbol.dispose]: () => real[Symbol.dispose](),
      };
    };
    await using control = openLinuxRouteControl({ ...layout, openTransport: counting });
    const { defaults } = await control.read(never);
    expect(defaults.map(({ route }) => route.prefix)).toEqual(["0.0.0.0/1", "0.0.0.0/0"]);
    // All of it would be 50,000 messages of 52 bytes.
    expect(bytes).toBeLessThan(400_000);
  });

  test("rules of one preference run in the order in which they came", () => {
    host.ip(
      "route add default via 10.0.0.1 dev up0 table 77",
      "route add default via 10.0.0.9 dev up0 table 78",
      "rule add pref 5100 lookup 77",
      "rule add pref 5100 lookup 78",
    );
    expect(host.namespace.ip("route get 198.51.100.1")).toContain("via 10.0.0.1");
    host.ip("rule del pref 5100 lookup 77", "rule add pref 5100 lookup 77");
    expect(host.namespace.ip("route get 198.51.100.1")).toContain("via 10.0.0.9");
  });
});
