import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RecordedDefault } from "../../../src/platform/route-control.ts";
import { defaultRoute } from "../../routes/memory-host.ts";
import {
  type DarwinRouteHost,
  never,
  openDarwinRouteHost,
  scopedOver,
} from "./route-control-host.ts";

describe("unscoped defaults over the routing-socket double", () => {
  let host: DarwinRouteHost;

  beforeEach(() => {
    host = openDarwinRouteHost();
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const system = (gateway = "192.0.2.1"): void =>
    host.route("ADD", { prefix: "0.0.0.0/0", interface: "en0", gateway });
  const records = async (): Promise<readonly RecordedDefault[]> => (await host.reading()).defaults;
  const only = async (): Promise<RecordedDefault> => {
    const [record, ...more] = await records();
    if (record === undefined || more.length > 0) throw new Error("there is not one default");
    return record;
  };
  /** A default of ours that has never stood. */
  const ours = async (gateway: string | null, name: string): Promise<RecordedDefault> => {
    const { route } = await only();
    const interfaceIndex = host.indexOf(name);
    return {
      route: { ...route, gateway, interfaceIndex, protocol: "proto2" },
      raw: new Uint8Array(),
    };
  };

  test.each([
    ["0.0.0.0/0", "en0", "192.0.2.1", ["STATIC"]],
    ["0.0.0.0/0", "en0", "192.0.2.1", ["PROTO1"]],
    ["0.0.0.0/0", "en0", "192.0.2.1", []],
    ["0.0.0.0/0", "utun0", null, ["STATIC", "PROTO3"]],
    ["128.0.0.0/1", "utun0", "10.9.0.2", ["STATIC"]],
    ["0.0.0.0/0", "lo0", "127.0.0.1", ["STATIC", "REJECT"]],
    ["0.0.0.0/0", "lo0", "127.0.0.1", ["STATIC", "BLACKHOLE"]],
    ["::/0", "en0", "fe80::1", []],
    ["::/0", "en1", "2001:db8:1::1", ["STATIC"]],
    ["8000::/1", "utun0", null, ["STATIC"]],
  ] as const)(
    "%s over %s by %s is taken and put back as it was: %j",
    async (prefix, name, gateway, flags) => {
      host.route("ADD", { prefix, interface: name, gateway, flags });
      const before = host.routing();
      const record = await only();
      expect(await host.control.removeDefault(record, never)).toBe("removed");
      expect(await records()).toEqual([]);
      expect(await host.control.addDefault(record, "exclusive", never)).toBe("added");
      expect(host.routing()).toBe(before);
      expect(await records()).toEqual([record]);
    },
  );

  test("the EEXIST trap: a default that is in the way is told, and stands as it stood", async () => {
    system();
    const wanted = await ours("10.9.0.2", "utun0");
    const before = host.routing();
    for (const placement of ["exclusive", "append", "prepend"] as const)
      expect(await host.control.addDefault(wanted, placement, never)).toBe("conflict");
    // A delete that names our gateway would take the system's: it compares none.
    expect(await host.control.removeDefault(wanted, never)).toBe("already-gone");
    expect(host.routing()).toBe(before);
    expect(host.takeChanges()).toEqual([]);
  });

  test("EEXIST of one that was faster is read: the very same, or anybody's", async () => {
    for (const [gateway, outcome] of [
      ["192.0.2.1", "already-there"],
      ["192.0.2.9", "conflict"],
    ] as const) {
      await using fresh = openDarwinRouteHost();
      const add = (by: string): void =>
        fresh.route("ADD", { prefix: "0.0.0.0/0", interface: "en0", gateway: by });
      add("192.0.2.1");
      const [record] = (await fresh.reading()).defaults;
      if (record === undefined) throw new Error("no default");
      await fresh.control.removeDefault(record, never);
      fresh.beforeSend = ({ type }) => {
        if (type !== 1) return;
        fresh.beforeSend = () => undefined;
        add(gateway);
      };
      expect(await fresh.control.addDefault(record, "exclusive", never)).toBe(outcome);
      expect((await fresh.reading()).defaults.map(({ route }) => route.gateway)).toEqual([gateway]);
    }
  });

  test.each([
    ["another gateway", "192.0.2.9", ["STATIC"]],
    ["another maker's mark", "192.0.2.1", ["STATIC", "PROTO1"]],
  ] as const)("removeDefault() leaves one with %s", async (_, gateway, flags) => {
    system();
    const record = await only();
    host.route("DELETE", { prefix: "0.0.0.0/0", interface: "en0", gateway: null });
    host.route("ADD", { prefix: "0.0.0.0/0", interface: "en0", gateway, flags });
    const before = host.routing();
    expect(await host.control.removeDefault(record, never)).toBe("already-gone");
    expect(host.routing()).toBe(before);
    expect(host.takeChanges()).toEqual([]);
  });

  test("removeDefault() puts back what somebody had put there between its reading and its request", async () => {
    system();
    const record = await only();
    host.beforeSend = ({ type }) => {
      if (type !== 2) return;
      host.beforeSend = () => undefined;
      host.route("DELETE", { prefix: "0.0.0.0/0", interface: "en0", gateway: null });
      const theirs = { interface: "en0", gateway: "192.0.2.9", flags: ["PROTO1"] } as const;
      host.route("ADD", { prefix: "0.0.0.0/0", ...theirs });
    };
    expect(await host.control.removeDefault(record, never)).toBe("already-gone");
    expect((await only()).route).toMatchObject({ gateway: "192.0.2.9", protocol: "proto1" });
  });

  test("a scoped default of the primary interface is not touched", async () => {
    system();
    const record = await only();
    host.route("ADD", {
      prefix: "0.0.0.0/0",
      interface: "en0",
      gateway: "192.0.2.1",
      scoped: true,
    });
    await host.control.removeDefault(record, never);
    expect(host.scopedRoutes()).toEqual(["ipv4 en0 by 192.0.2.1 over en0"]);
    expect(await records()).toEqual([]);
  });

  test("addDefault() sends nothing when the gateway is reached by another interface", async () => {
    system();
    const wanted = await ours("198.51.100.1", "en0");
    await host.control.removeDefault(await only(), never);
    host.takeChanges();
    await expect(host.control.addDefault(wanted, "exclusive", never)).rejects.toMatchObject({
      code: "unreachable",
    });
    expect(host.takeChanges()).toEqual([]);
  });

  test("addDefault() of a recorded MTU, and over an interface that is not there", async () => {
    system();
    const record = await only();
    await host.control.removeDefault(record, never);
    host.double.run("mtu en0 1400");
    expect(await host.control.addDefault(record, "exclusive", never)).toBe("added");
    expect(host.routing()).toContain('"mtu":1500');
    const gone = { ...record, route: { ...record.route, prefix: "0.0.0.0/1", interfaceIndex: 99 } };
    await expect(host.control.addDefault(gone, "exclusive", never)).rejects.toMatchObject({
      code: "no-such-interface",
    });
  });

  test("answers that are lost are read, and no request is sent again", async () => {
    system();
    const before = host.routing();
    const record = await only();
    host.beforeSend = () => host.double.deafen();
    expect(await host.control.removeDefault(record, never)).toBe("removed");
    expect(await host.control.addDefault(record, "exclusive", never)).toBe("added");
    expect(host.takeChanges()).toEqual(["DELETE ipv4 /0 unscoped", "ADD ipv4 /0 unscoped"]);
    expect(host.routing()).toBe(before);
  }, 20_000);

  test("what root alone may do is refused with its reason", async () => {
    system();
    const record = await only();
    await using other = openDarwinRouteHost(host.double.kernel, {
      routing: host.double.asProcess(900, false),
    });
    await expect(other.control.removeDefault(record, never)).rejects.toMatchObject({
      code: "permission",
    });
  });

  test.each(["ipv4", "ipv6"] as const)(
    "a %s default of ours that refuses comes and goes, and bound sockets pass it by",
    async (family) => {
      const before = host.routing();
      const prefix = family === "ipv4" ? "0.0.0.0/0" : "::/0";
      const route = {
        ...defaultRoute(family, 0, null, { prefix, type: "unreachable", protocol: "proto2" }),
        interfaceIndex: null,
        metric: 0,
      };
      const record = { route, raw: new Uint8Array() };
      expect(await host.control.addDefault(record, "exclusive", never)).toBe("added");
      expect(await host.control.addDefault(record, "exclusive", never)).toBe("already-there");
      const gateway = family === "ipv4" ? "192.0.2.1" : "fe80::1";
      const entry = scopedOver(host, "en0", gateway);
      await host.control.addScoped(entry, never);
      const outside = family === "ipv4" ? "8.8.8.8" : "2001:4860::1";
      expect(host.double.connectErrno(outside, host.indexOf("en0"))).toBe(0);
      await host.control.removeScoped(entry, never);
      const [found] = (await host.reading()).defaults.filter((one) => one.route.family === family);
      expect(found?.route).toMatchObject({ type: "unreachable", interfaceIndex: null });
      expect(await host.control.removeDefault(found ?? record, never)).toBe("removed");
      expect(host.routing()).toBe(before);
    },
  );

  test("solicitRouters() asks the port, and is unsupported without one", async () => {
    await expect(host.control.solicitRouters(4, never)).rejects.toMatchObject({
      code: "unsupported",
    });
    const asked: number[] = [];
    await using other = openDarwinRouteHost(host.double.kernel, {
      solicitation: { solicit: (index) => void asked.push(index) },
    });
    await other.control.solicitRouters(4, never);
    expect(asked).toEqual([4]);
  });
});
