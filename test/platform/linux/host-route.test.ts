import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { HostRoute } from "../../../src/platform/route-control.ts";
import { defaultRoute } from "../../routes/memory-host.ts";
import { never, openTwoUplinkHost, type RouteControlHost } from "./route-control-host.ts";

describe.skipIf(process.platform !== "linux")("host routes of ours", () => {
  let host: RouteControlHost;

  beforeEach(async () => {
    host = await openTwoUplinkHost();
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const add = (one: HostRoute): Promise<string> | undefined => host.control.addHost?.(one, never);
  const remove = (one: HostRoute): Promise<string> | undefined =>
    host.control.removeHost?.(one, never);
  const over = (device: string, changes: Partial<HostRoute> = {}): HostRoute => ({
    family: "ipv4",
    destination: "203.0.113.7",
    gateway: "10.0.0.1",
    interfaceIndex: host.indexOf(device),
    onlink: false,
    ...changes,
  });

  test.each([
    ["over a gateway", {}],
    ["over the link itself", { gateway: null }],
    ["by a gateway outside of every prefix", { gateway: "192.0.2.1", onlink: true }],
    ["of IPv6", { family: "ipv6", destination: "2001:db8::7", gateway: "fe80::1" }],
  ] as const)("%s: away and back, and read", async (_, changes) => {
    const before = host.routing();
    const one = over("up0", changes);
    expect(await add(one)).toBe("added");
    expect((await host.read()).ownHosts).toEqual([one]);
    // It must not stand for a gateway that a VPN of others has pinned.
    expect((await host.read()).pinnedHosts).toEqual([]);
    expect(await add(one)).toBe("already-there");
    expect(await remove(one)).toBe("removed");
    expect(await remove(one)).toBe("already-gone");
    expect(host.routing()).toBe(before);
  });

  test("somebody else's to the same address is a conflict, and is never removed", async () => {
    host.ip("route add 203.0.113.7 via 10.1.0.1 dev up1");
    const before = host.routing();
    expect(await add(over("up0"))).toBe("conflict");
    expect(await remove(over("up0"))).toBe("already-gone");
    expect(await remove(over("up1", { gateway: "10.1.0.1" }))).toBe("already-gone");
    expect(host.routing()).toBe(before);
  });

  test("it goes with its link, and is gone then", async () => {
    const one = over("up0");
    await add(one);
    host.ip("link set up0 down");
    expect(await remove(one)).toBe("already-gone");
    await expect(add(one)).rejects.toMatchObject({ name: "PlatformError" });
  });

  test("the upper half of a split is found in the middle of a big table, and taken out of it", async () => {
    const many = Array.from({ length: 12_000 }, (_, at) => {
      const prefix = `100.${64 + Math.floor(at / 256)}.${at % 256}.0/24`;
      return `route add ${prefix} via 10.0.0.1 dev up0`;
    });
    host.ip(...many);
    const route = defaultRoute("ipv4", host.indexOf("up0"), "10.0.0.1", {
      prefix: "128.0.0.0/1",
      metric: 0,
      protocol: "199",
    });
    const record = { route, raw: new Uint8Array() };
    expect(await host.control.addDefault(record, "exclusive", never)).toBe("added");
    const { defaults, ownHosts } = await host.read();
    expect(defaults.map((one) => one.route.prefix)).toContain("128.0.0.0/1");
    // Too big to be read for them.
    expect(ownHosts).toBeNull();
    expect(await host.control.removeDefault(record, never)).toBe("removed");
    expect(host.namespace.ip("route show 128.0.0.0/1")).toBe("");
  }, 60_000);
});
