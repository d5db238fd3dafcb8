import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { HostRoute } from "../../../src/platform/route-control.ts";
import { RTM } from "../../../src/wire/pfroute/constants.ts";
import { type DarwinRouteHost, never, openDarwinRouteHost } from "./route-control-host.ts";

describe("routes to single hosts", () => {
  let host: DarwinRouteHost;
  let server: HostRoute;

  beforeEach(() => {
    host = openDarwinRouteHost();
    host.route("ADD", { prefix: "0.0.0.0/0", interface: "en0", gateway: "192.0.2.1" });
    server = {
      family: "ipv4",
      destination: "203.0.113.9",
      gateway: "192.0.2.1",
      interfaceIndex: host.indexOf("en0"),
      onlink: false,
    };
  });
  afterEach(async () => host[Symbol.asyncDispose]());

  const add = (given: HostRoute) => host.control.addHost?.(given, never);
  const remove = (given: HostRoute) => host.control.removeHost?.(given, never);
  /** Another program's. */
  const pin = (action: "ADD" | "DELETE", destination: string, gateway: string): void =>
    host.route(action, { prefix: `${destination}/32`, interface: "en0", gateway, flags: ["HOST"] });

  test.each([
    ["ipv4", "203.0.113.9", "192.0.2.1", "en0"],
    ["ipv4", "203.0.113.9", null, "utun0"],
    ["ipv6", "2001:db8:77::9", "2001:db8::1", "en0"],
    ["ipv6", "2001:db8:77::9", "fe80::1", "en1"],
  ] as const)(
    "%s %s by %s over %s comes, is read back and goes",
    async (family, destination, gateway, name) => {
      const given = {
        family,
        destination,
        gateway,
        interfaceIndex: host.indexOf(name),
        onlink: false,
      };
      const before = host.routing();
      expect(await add(given)).toBe("added");
      expect(await add(given)).toBe("already-there");
      expect((await host.reading()).ownHosts).toEqual([given]);
      expect(await remove(given)).toBe("removed");
      expect(await remove(given)).toBe("already-gone");
      expect(host.routing()).toBe(before);
    },
  );

  test("somebody else's is in the way, tells a gateway, and is never deleted", async () => {
    pin("ADD", "203.0.113.9", "192.0.2.77");
    const before = host.routing();
    expect(await add(server)).toBe("conflict");
    expect(await remove(server)).toBe("already-gone");
    expect(host.takeChanges()).toEqual([]);
    expect(host.routing()).toBe(before);
    const { ownHosts, pinnedHosts } = await host.reading();
    expect(ownHosts).toEqual([]);
    expect(pinnedHosts).toMatchObject([{ destination: "203.0.113.9", gateway: "192.0.2.77" }]);
  });

  test("one that somebody puts in its place at the last moment is put back", async () => {
    await add(server);
    host.beforeSend = ({ type }) => {
      if (type !== RTM.DELETE) return;
      host.beforeSend = () => undefined;
      pin("DELETE", "203.0.113.9", "192.0.2.1");
      pin("ADD", "203.0.113.9", "192.0.2.77");
    };
    expect(await remove(server)).toBe("already-gone");
    expect((await host.reading()).pinnedHosts).toMatchObject([{ gateway: "192.0.2.77" }]);
  });

  test("one that would leave by another interface is refused, and nothing is left", async () => {
    const before = host.routing();
    const wrong = { ...server, interfaceIndex: host.indexOf("en1") };
    await expect(add(wrong)).rejects.toMatchObject({ code: "unreachable" });
    expect(host.routing()).toBe(before);
  });

  test.each([
    ["no such interface", { interfaceIndex: 99 }, "no-such-interface"],
    ["no gateway on a link with neighbours", { gateway: null }, "unsupported"],
    ["a gateway outside of every prefix", { onlink: true }, "unsupported"],
    ["what is no host", { destination: "0.0.0.0" }, "rejected"],
    ["a gateway that is not reached", { gateway: "172.16.0.1" }, "unreachable"],
  ])("%s is refused", async (_name, changes, code) => {
    host.route("DELETE", { prefix: "0.0.0.0/0", interface: "en0", gateway: "192.0.2.1" });
    const before = host.routing();
    await expect(add({ ...server, ...changes })).rejects.toMatchObject({ code });
    expect(host.routing()).toBe(before);
  });
});
