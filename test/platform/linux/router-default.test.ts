import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RecordedDefault } from "../../../src/platform/route-control.ts";
import { openNamespace, type TestNamespace, until } from "../../namespace/namespace.ts";
import { never, openRouteControlHost, type RouteControlHost } from "./route-control-host.ts";

const announce = join(import.meta.dirname, "announce-router.py");

describe.skipIf(process.platform !== "linux")("a default that a router announced", () => {
  let host: RouteControlHost;
  let router: TestNamespace;

  beforeEach(async () => {
    host = await openRouteControlHost();
    router = await openNamespace();
    host.ip(`link add up0 type veth peer name lan netns ${router.pid}`);
    // Link-local addresses are usable at once, and fe80::1 is the router's only one.
    for (const setting of ["accept_dad", "router_solicitations"])
      writeFileSync(`/proc/sys/net/ipv6/conf/up0/${setting}`, "0");
    router.run("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/lan/addr_gen_mode");
    router.ipBatch(["link set lan up", "address add fe80::1/64 dev lan nodad"]);
    host.ip("link set up0 up");
    await until("carrier", () => host.namespace.ip("link show up0").includes("LOWER_UP"));
  });
  afterEach(async () => {
    router[Symbol.dispose]();
    await host[Symbol.asyncDispose]();
  });

  const defaults = async (): Promise<readonly RecordedDefault[]> => (await host.read()).defaults;
  const announceRouter = (lifetime: number, preference = "medium"): void =>
    void router.run("python3", announce, "lan", String(lifetime), preference);
  const announced = async (lifetime: number, preference = "medium"): Promise<RecordedDefault> => {
    let found: RecordedDefault | undefined;
    await until("the router's default", async () => {
      announceRouter(lifetime, preference);
      [found] = await defaults();
      return found !== undefined;
    });
    if (found === undefined) throw new Error("no default");
    return found;
  };
  const announcementsHeard = (): number => {
    const counters = host.namespace.run("cat", "/proc/net/snmp6");
    return Number(/Icmp6InRouterAdvertisements\s+(\d+)/.exec(counters)?.[1]);
  };
  const main = (): string => host.table("ipv6", "main");

  test("is read as what it is", async () => {
    const before = Date.now();
    const { route } = await announced(1800, "high");
    expect(route).toMatchObject({
      family: "ipv6",
      protocol: "ra",
      gateway: "fe80::1",
      metric: 1024,
      pref: "high",
      interfaceIndex: host.indexOf("up0"),
    });
    expect(Math.abs((route.expiresAt ?? 0) - before - 1_800_000)).toBeLessThan(5_000);
  });

  test("removed exactly, and asked for by a solicitation it comes by itself", async () => {
    const record = await announced(1800);
    expect(await host.control.removeDefault(record, never)).toBe("removed");
    expect(await defaults()).toEqual([]);
    const asked = router.spawn("python3", [announce, "lan", "1800", "medium", "asked"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    asked.stdout?.on("data", (text: Buffer) => {
      said += text.toString();
    });
    await until("the listening router", () => said.includes("ready"));
    await host.control.solicitRouters(host.indexOf("up0"), never);
    await once(asked, "exit");
    expect(said).toContain("asked with hop limit 255");
    await until("the router's default", async () => (await defaults()).length === 1);
    expect((await defaults())[0]?.route).toMatchObject({ protocol: "ra", gateway: "fe80::1" });
  });

  test("solicitRouters() on an interface that is not there is refused", async () => {
    await expect(host.control.solicitRouters(9_999, never)).rejects.toMatchObject({
      name: "PlatformError",
      code: "no-such-interface",
    });
  });

  test("a copy by hand is no such default: a router's goodbye does not end it", async () => {
    await announced(1800);
    announceRouter(0);
    await until("the goodbye", async () => (await defaults()).length === 0);
    host.namespace.ip("-6 route add default via fe80::1 dev up0 proto ra metric 1024 expires 60");
    const heard = announcementsHeard();
    announceRouter(0);
    await until("the second goodbye", () => announcementsHeard() > heard);
    expect(main()).toMatch(/default via fe80::1 dev up0 proto ra metric 1024 expires/);
  });

  test("appending to it, or replacing it, would make it last for ever", async () => {
    await announced(1800);
    expect(main()).toContain("expires");
    expect(() =>
      host.namespace.ip("-6 route append default via fe80::1 dev up0 proto ra metric 1024"),
    ).toThrow("File exists");
    expect(main()).toContain("default via fe80::1 dev up0 proto ra metric 1024");
    expect(main()).not.toMatch(/default .* expires/);
  });

  test("so nothing is ever put beside or over it: the answer is conflict, and its lifetime stays", async () => {
    const record = await announced(1800);
    const other = {
      raw: new Uint8Array(0),
      route: { ...record.route, gateway: "fe80::9", protocol: "static", expiresAt: null },
    };
    const device = { ...other, route: { ...other.route, gateway: null } };
    for (const wanted of [other, device])
      for (const placement of ["exclusive", "append", "prepend"] as const)
        expect(await host.control.addDefault(wanted, placement, never)).toBe("conflict");
    expect(await host.control.addDefault(record, "append", never)).toBe("already-there");
    expect(main()).toMatch(/default via fe80::1 dev up0 proto ra metric 1024 expires 1[78]\d\dsec/);
  });

  test("a scoped default beside it leaves its lifetime alone, and has none itself", async () => {
    await announced(1800);
    const entry = {
      family: "ipv6",
      interfaceIndex: host.indexOf("up0"),
      interfaceName: "up0",
      slot: 0,
      gateway: "fe80::1",
      onlink: false,
      source: null,
      mtu: null,
      nexthops: [],
      form: "pair",
      connected: [],
      replyAddresses: [],
    } as const;
    expect(await host.control.addScoped(entry, never)).toBe("added");
    expect(main()).toMatch(/default .* expires/);
    expect(host.table("ipv6", 5100)).not.toContain("expires");
    announceRouter(0);
    await until("the goodbye", () => !main().includes("default"));
    expect((await host.read()).scoped).toEqual([{ entry, complete: true }]);
  });

  test("a stand-in of our protocol does not keep the router's own from coming", async () => {
    const record = await announced(1800);
    await host.control.removeDefault(record, never);
    const standIn = {
      raw: new Uint8Array(0),
      route: { ...record.route, protocol: "199", expiresAt: Date.now() + 600_000, metric: 1025 },
    };
    expect(await host.control.addDefault(standIn, "exclusive", never)).toBe("added");
    await until("the router's own", async () => {
      announceRouter(1800);
      return (await defaults()).some(({ route }) => route.protocol === "ra");
    });
    expect((await defaults()).map(({ route }) => route.protocol).sort()).toEqual(["199", "ra"]);
    expect(await host.control.removeDefault(standIn, never)).toBe("removed");
    expect((await defaults()).map(({ route }) => route.protocol)).toEqual(["ra"]);
    expect(main()).toMatch(/default .* proto ra .* expires/);
  });

  test("of two routers of one metric, the one that is meant goes, and comes back by itself only", async () => {
    await announced(1800);
    router.ip("address add fe80::2/64 dev lan nodad");
    await until("the second router's default", async () => {
      router.run("python3", announce, "lan", "1800", "medium", "from=fe80::2");
      return (await defaults()).length === 2;
    });
    const records = await defaults();
    expect(records.map(({ route }) => [route.metric, route.protocol, route.nexthops])).toEqual([
      [1024, "ra", []],
      [1024, "ra", []],
    ]);
    for (const gateway of ["fe80::1", "fe80::2"]) {
      const record = records.find(({ route }) => route.gateway === gateway);
      if (record === undefined) throw new Error(`no default by ${gateway}`);
      expect(await host.control.removeDefault(record, never)).toBe("removed");
      const [left, ...more] = await defaults();
      expect(more).toEqual([]);
      expect(left?.route).toMatchObject({
        protocol: "ra",
        gateway: expect.not.stringMatching(gateway),
      });
      expect(main()).toMatch(/default .* proto ra .* expires/);
      expect(await host.control.addDefault(record, "exclusive", never)).toBe("conflict");
      await until("both again", async () => {
        router.run("python3", announce, "lan", "1800", "medium", `from=${gateway}`);
        return (await defaults()).length === 2;
      });
    }
  });

  test("forwarding purges it", async () => {
    await announced(1800);
    writeFileSync("/proc/sys/net/ipv6/conf/all/forwarding", "1");
    await until("the purge", async () => (await defaults()).length === 0);
  });
});
