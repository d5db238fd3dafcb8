import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RTF, RTM } from "../../../src/wire/pfroute/constants.ts";
import { newConfiguredHost } from "./host-command.ts";
import {
  type DarwinRouteHost,
  never,
  openDarwinRouteHost,
  scopedOver,
} from "./route-control-host.ts";
import { lookUpRoute } from "./route-lookup.ts";

describe("scoped defaults over the routing-socket double", () => {
  let host: DarwinRouteHost;

  beforeEach(() => {
    host = openDarwinRouteHost();
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const flagsOf = (name: string): number => {
    const index = host.indexOf(name);
    const entry = host.double.kernel.tables[2].entries.find(
      (each) => each.key.scope === index && (each.flags & RTF.GLOBAL) !== 0,
    );
    if (entry === undefined) throw new Error(`${name} has no scoped default`);
    return entry.flags;
  };
  const foreign = (name: string, gateway: string | null, action: "ADD" | "CHANGE" = "ADD"): void =>
    host.route(action, { prefix: "0.0.0.0/0", interface: name, gateway, scoped: true });

  test("addScoped() lets a socket bound to an uplink out while a VPN has both halves", async () => {
    host.route("ADD", { prefix: "0.0.0.0/0", interface: "en0", gateway: "192.0.2.1" });
    for (const prefix of ["0.0.0.0/1", "128.0.0.0/1"])
      host.route("ADD", { prefix, interface: "utun0", gateway: null });
    const en0 = host.indexOf("en0");
    expect(host.double.connectErrno("8.8.8.8", en0)).not.toBe(0);
    expect(await host.control.addScoped(scopedOver(host, "en0", "192.0.2.1"), never)).toBe("added");
    expect(host.double.connectErrno("8.8.8.8", en0)).toBe(0);
    expect(host.double.connectErrno("200.0.0.1", en0)).toBe(0);
  });

  test("addScoped() marks ours with RTF_PROTO2, or with what is configured", async () => {
    await host.control.addScoped(scopedOver(host, "en0", "192.0.2.1"), never);
    expect(flagsOf("en0") & RTF.PROTO2).toBe(RTF.PROTO2);
    expect(flagsOf("en0") & RTF.STATIC).toBe(RTF.STATIC);
    await using other = openDarwinRouteHost(newConfiguredHost(), { tag: "PROTO3" });
    await other.control.addScoped(scopedOver(other, "en0", "192.0.2.1"), never);
    expect((await other.reading()).scoped).toHaveLength(1);
  });

  test("removeScoped() puts back, flags and all, what somebody put in its place at the last moment", async () => {
    const entry = scopedOver(host, "en0", "192.0.2.1");
    await host.control.addScoped(entry, never);
    host.beforeSend = ({ type }) => {
      if (type !== RTM.DELETE) return;
      host.beforeSend = () => undefined;
      const theirs = { prefix: "0.0.0.0/0", interface: "en0", gateway: "192.0.2.9", scoped: true };
      host.route("DELETE", theirs);
      host.route("ADD", { ...theirs, flags: ["STATIC", "PROTO1"] });
    };
    await host.control.removeScoped(entry, never);
    expect(host.scopedRoutes()).toEqual(["ipv4 en0 by 192.0.2.9 over en0"]);
    expect(flagsOf("en0") & (RTF.STATIC | RTF.PROTO1 | RTF.PROTO2)).toBe(RTF.STATIC | RTF.PROTO1);
  });

  test.each([
    ["en0", "192.0.2.1"],
    ["en0", "2001:db8::1"],
    ["en0", "fe80::1"],
    ["utun0", "10.9.0.2"],
  ])("addScoped() over %s by %s is read back", async (name, gateway) => {
    const entry = scopedOver(host, name, gateway);
    expect(await host.control.addScoped(entry, never)).toBe("added");
    expect((await host.reading()).scoped).toEqual([{ entry, complete: true }]);
  });

  test.each(["ipv4", "ipv6"] as const)(
    "addScoped() goes straight into a tunnel: %s",
    async (family) => {
      const entry = scopedOver(host, "utun0", null, family);
      expect(await host.control.addScoped(entry, never)).toBe("added");
      expect((await host.reading()).scoped).toEqual([{ entry, complete: true }]);
      await host.control.removeScoped(entry, never);
      expect(host.scopedRoutes()).toEqual([]);
    },
  );

  test("addScoped() without a gateway on a link with neighbours is refused: the mark would announce them", async () => {
    await expect(
      host.control.addScoped(scopedOver(host, "en0", null, "ipv4"), never),
    ).rejects.toMatchObject({ code: "unsupported" });
    expect(host.takeChanges()).toEqual([]);
  });

  test.each([
    ["source", { source: "192.0.2.10" }],
    ["mtu", { mtu: 1400 }],
    ["onlink", { onlink: true }],
    ["throw", { form: "throw" as const }],
    ["replies", { replyAddresses: ["192.0.2.10"] }],
  ])("addScoped() refuses what a scoped route cannot say: %s", async (_, more) => {
    const entry = { ...scopedOver(host, "en0", "192.0.2.1"), ...more };
    await expect(host.control.addScoped(entry, never)).rejects.toMatchObject({
      code: "unsupported",
    });
    expect(host.takeChanges()).toEqual([]);
  });

  test("addScoped() changes ours in its place with one request, and never without a scope", async () => {
    await host.control.addScoped(scopedOver(host, "en0", "192.0.2.1"), never);
    host.takeChanges();
    expect(await host.control.addScoped(scopedOver(host, "en0", "192.0.2.7"), never)).toBe("added");
    expect(host.takeChanges()).toEqual(["CHANGE ipv4 /0 en0"]);
    expect(host.scopedRoutes()).toEqual(["ipv4 en0 by 192.0.2.7 over en0"]);
  });

  test("addScoped() adds when ours went just before it was to be changed", async () => {
    const entry = scopedOver(host, "en0", "192.0.2.1");
    await host.control.addScoped(entry, never);
    host.takeChanges();
    host.beforeSend = ({ type }) => {
      if (type !== 3) return;
      host.beforeSend = () => undefined;
      host.route("DELETE", { prefix: "0.0.0.0/0", interface: "en0", gateway: null, scoped: true });
    };
    const moved = scopedOver(host, "en0", "192.0.2.7");
    expect(await host.control.addScoped(moved, never)).toBe("added");
    expect(host.takeChanges()).toEqual(["CHANGE ipv4 /0 en0", "ADD ipv4 /0 en0"]);
    expect(host.scopedRoutes()).toEqual(["ipv4 en0 by 192.0.2.7 over en0"]);
  });

  test("addScoped() goes from a gateway into the tunnel itself: a change cannot set flags", async () => {
    await host.control.addScoped(scopedOver(host, "utun0", "10.9.0.2"), never);
    host.takeChanges();
    const entry = scopedOver(host, "utun0", null, "ipv4");
    expect(await host.control.addScoped(entry, never)).toBe("added");
    expect(host.takeChanges()).toEqual(["DELETE ipv4 /0 utun0", "ADD ipv4 /0 utun0"]);
    expect((await host.reading()).scoped).toEqual([{ entry, complete: true }]);
  });

  test("somebody else's is adopted while it is what is wished, and never deleted", async () => {
    foreign("en0", "192.0.2.1");
    const entry = scopedOver(host, "en0", "192.0.2.1");
    expect((await host.reading()).scoped).toEqual([]);
    expect(await host.control.addScoped(entry, never)).toBe("already-there");
    expect((await host.reading()).scoped).toEqual([{ entry, complete: true }]);
    await host.control.removeScoped(entry, never);
    expect((await host.reading()).scoped).toEqual([]);
    expect(host.scopedRoutes()).toEqual(["ipv4 en0 by 192.0.2.1 over en0"]);
    expect(host.takeChanges()).toEqual([]);
  });

  test("somebody else's by another gateway is a conflict, and never changed", async () => {
    foreign("en0", "192.0.2.9");
    const entry = scopedOver(host, "en0", "192.0.2.1");
    expect(await host.control.addScoped(entry, never)).toBe("conflict");
    expect(host.scopedRoutes()).toEqual(["ipv4 en0 by 192.0.2.9 over en0"]);
    expect(host.takeChanges()).toEqual([]);
  });

  test("EEXIST tells nothing of the gateway: what was faster is read", async () => {
    for (const [gateway, outcome] of [
      ["192.0.2.1", "already-there"],
      ["192.0.2.9", "conflict"],
    ] as const) {
      await using fresh = openDarwinRouteHost();
      fresh.beforeSend = ({ type }) => {
        if (type !== 1) return;
        fresh.beforeSend = () => undefined;
        fresh.route("ADD", { prefix: "0.0.0.0/0", interface: "en0", gateway, scoped: true });
      };
      const entry = scopedOver(fresh, "en0", "192.0.2.1");
      expect(await fresh.control.addScoped(entry, never)).toBe(outcome);
      expect(fresh.scopedRoutes()).toEqual([`ipv4 en0 by ${gateway} over en0`]);
    }
  });

  test("one that somebody's unscoped change has moved into a tunnel is found, and put back", async () => {
    host.route("ADD", { prefix: "0.0.0.0/0", interface: "en0", gateway: "192.0.2.1" });
    const entry = scopedOver(host, "en0", "192.0.2.1");
    await host.control.addScoped(entry, never);
    host.route("CHANGE", { prefix: "0.0.0.0/0", interface: "utun0", gateway: null });
    expect(host.scopedRoutes()).toEqual(["ipv4 en0 by itself over utun0"]);
    const [found] = (await host.reading()).scoped;
    expect([found?.entry.interfaceName, found?.complete]).toEqual(["en0", false]);
    expect(await host.control.addScoped(entry, never)).toBe("added");
    expect((await host.reading()).scoped).toEqual([{ entry, complete: true }]);
  });

  test("removeScoped() leaves the other interfaces' and the unscoped one", async () => {
    host.route("ADD", { prefix: "0.0.0.0/0", interface: "en0", gateway: "192.0.2.1" });
    const before = host.routing();
    const entries = [scopedOver(host, "en0", "192.0.2.1"), scopedOver(host, "en1", "198.51.100.1")];
    for (const entry of entries) await host.control.addScoped(entry, never);
    for (const entry of entries) await host.control.removeScoped(entry, never);
    expect(host.routing()).toBe(before);
  });

  test("a foreign one that came in its place just before removeScoped() stays", async () => {
    const entry = scopedOver(host, "en0", "192.0.2.1");
    await host.control.addScoped(entry, never);
    host.route("DELETE", { prefix: "0.0.0.0/0", interface: "en0", gateway: null, scoped: true });
    foreign("en0", "192.0.2.1");
    await host.control.removeScoped(entry, never);
    expect(host.scopedRoutes()).toEqual(["ipv4 en0 by 192.0.2.1 over en0"]);
  });

  test("an interface without an address has no way to a gateway", async () => {
    host.double.run("deladdr en1 198.51.100.10");
    await expect(
      host.control.addScoped(scopedOver(host, "en1", "198.51.100.1"), never),
    ).rejects.toMatchObject({ code: "unreachable" });
  });

  test("answers that are lost are read, and no request is sent again", async () => {
    host.beforeSend = () => host.double.deafen();
    const entry = scopedOver(host, "en0", "192.0.2.1");
    expect(await host.control.addScoped(entry, never)).toBe("added");
    expect((await host.reading()).scoped).toEqual([{ entry, complete: true }]);
    expect(host.takeChanges()).toEqual(["ADD ipv4 /0 en0"]);
    await host.control.removeScoped(entry, never);
    expect(host.takeChanges()).toEqual(["DELETE ipv4 /0 en0"]);
    expect(host.scopedRoutes()).toEqual([]);
  }, 20_000);

  test.each([
    ["over the uplink itself", "en0", "192.0.2.7", true],
    ["that stays on the host", "lo0", null, true],
    ["over another interface", "en1", "198.51.100.1", false],
    ["by the host's own address", "lo0", "127.0.0.1", false],
  ])(
    "read() tells of a route that refuses %s when bound sockets meet it",
    async (_, name, gateway, met) => {
      await host.control.addScoped(scopedOver(host, "en0", "192.0.2.1"), never);
      host.route("ADD", { prefix: "128.0.0.0/1", interface: name, gateway, flags: ["REJECT"] });
      const destination = { family: 2, bytes: Uint8Array.of(200, 0, 0, 1), scope: 0 } as const;
      const found = lookUpRoute(host.double.kernel, destination, null, host.indexOf("en0"));
      expect(((found?.flags ?? 0) & RTF.REJECT) !== 0).toBe(met);
      expect((await host.reading()).obstacles.map(({ kind }) => kind)).toEqual(
        met ? ["shadowed"] : [],
      );
    },
  );

  test("a closed control sends nothing", async () => {
    await host.control[Symbol.asyncDispose]();
    await expect(host.reading()).rejects.toMatchObject({ code: "socket-lost" });
  });
});
