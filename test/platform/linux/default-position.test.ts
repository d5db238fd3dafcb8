import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { IpFamily } from "../../../src/network/address.ts";
import { PlatformError } from "../../../src/platform/platform-error.ts";
import type { RecordedDefault } from "../../../src/platform/route-control.ts";
import { never, openTwoUplinkHost, type RouteControlHost } from "./route-control-host.ts";

describe.skipIf(process.platform !== "linux")("the place of a default among others", () => {
  let host: RouteControlHost;

  beforeEach(async () => {
    host = await openTwoUplinkHost();
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const defaults = async (family?: IpFamily): Promise<readonly RecordedDefault[]> =>
    (await host.read()).defaults.filter(
      ({ route }) => family === undefined || route.family === family,
    );
  const only = async (): Promise<RecordedDefault> => {
    const [record, ...more] = await defaults();
    expect(more).toEqual([]);
    if (record === undefined) throw new Error("there is no default");
    return record;
  };
  const add = (
    record: RecordedDefault,
    placement: "exclusive" | "append" | "prepend" = "exclusive",
  ): Promise<string> => host.control.addDefault(record, placement, never);
  const remove = (record: RecordedDefault): Promise<string> =>
    host.control.removeDefault(record, never);
  const order = async (): Promise<unknown> =>
    (await defaults("ipv4")).map(({ route }) => `${route.gateway} ${route.metric} ${route.tos}`);

  test("several of one key go and come back in their order", async () => {
    host.ip(
      "route add default via 10.0.0.1 dev up0 metric 100",
      "route append default via 10.0.0.9 dev up0 metric 100",
      "route append default via 10.1.0.1 dev up1 metric 100 proto dhcp",
      "route add default via 10.1.0.7 dev up1 metric 100 tos 0x10",
    );
    const before = host.routing();
    const records = await defaults("ipv4");
    expect(records.map(({ route }) => route.position)).toEqual([0, 0, 1, 2]);
    for (const record of records) expect(await remove(record)).toBe("removed");
    expect(await order()).toEqual([]);
    for (const record of records) expect(await add(record, "append")).toBe("added");
    expect(host.routing()).toBe(before);
    for (const record of [...records].reverse()) expect(await remove(record)).toBe("removed");
    for (const record of [...records].reverse()) expect(await add(record, "prepend")).toBe("added");
    expect(host.routing()).toBe(before);
  });

  test("a plain delete and replace hit the first alone, ours the one that is meant", async () => {
    host.ip(
      "route add default via 10.0.0.1 dev up0 metric 100",
      "route append default via 10.0.0.9 dev up0 metric 100",
      "route append default via 10.1.0.1 dev up1 metric 100",
    );
    const [, second] = await defaults("ipv4");
    if (second === undefined) throw new Error("no second default");
    expect(await remove(second)).toBe("removed");
    expect(await order()).toEqual(["10.0.0.1 100 0", "10.1.0.1 100 0"]);
    host.ip("route replace default via 10.0.0.7 dev up0 metric 100");
    expect(await order()).toEqual(["10.0.0.7 100 0", "10.1.0.1 100 0"]);
    host.ip("route del default");
    expect(await order()).toEqual(["10.1.0.1 100 0"]);
  });

  test("a delete that the kernel would give to another route is not sent", async () => {
    // What is not there, a source or an mtu, is not compared.
    host.ip(
      "route add default via 10.0.0.1 dev up0 metric 100 src 10.0.0.2",
      "route append default via 10.0.0.1 dev up0 metric 100",
    );
    const before = host.routing();
    const [first, second] = await defaults("ipv4");
    if (first === undefined || second === undefined) throw new Error("two defaults expected");
    await expect(remove(second)).rejects.toThrow("a delete would take that one");
    expect(host.routing()).toBe(before);
    expect(await remove(first)).toBe("removed");
    expect(await remove(second)).toBe("removed");
  });

  test("a metric of 0 is not compared either: one of another metric is never taken for it", async () => {
    host.ip("route add default via 10.0.0.1 dev up0");
    const record = await only();
    host.ip(
      "route add default via 10.0.0.1 dev up0 metric 50",
      "route del default via 10.0.0.1 dev up0 metric 0",
    );
    expect(await order()).toEqual(["10.0.0.1 50 0"]);
    expect(await remove(record)).toBe("already-gone");
    expect(await order()).toEqual(["10.0.0.1 50 0"]);
  });

  test("IPv6: one beside another of its metric would become one of two legs, and is refused", async () => {
    host.ip("route add ::/0 via fd00::1 dev up0 metric 7");
    const record = await only();
    await remove(record);
    host.ip("route add ::/0 via fd01::1 dev up1 metric 7");
    const before = host.routing();
    for (const placement of ["exclusive", "append", "prepend"] as const)
      expect(await add(record, placement)).toBe("conflict");
    expect(host.routing()).toBe(before);
  });

  test("a delete by one leg is not sent while a route of several that begins with it comes first", async () => {
    host.ip(
      "route add default metric 9 nexthop via 10.0.0.1 dev up0 nexthop via 10.1.0.1 dev up1",
      "route append default via 10.0.0.1 dev up0 metric 9",
    );
    const before = host.routing();
    const [several, one] = await defaults("ipv4");
    if (several === undefined || one === undefined) throw new Error("two defaults expected");
    await expect(remove(one)).rejects.toMatchObject({ code: "rejected" });
    expect(host.routing()).toBe(before);
    await remove(several);
    expect(await remove(one)).toBe("removed");
  });

  test("IPv6: a device's default stands beside one of legs and comes back beside it", async () => {
    host.ip(
      "route add ::/0 metric 7 nexthop via fd00::1 dev up0 nexthop via fd01::1 dev up1",
      "route append ::/0 dev up0 metric 7",
    );
    const records = await defaults("ipv6");
    expect(records.map(({ route }) => route.nexthops.length)).toEqual([2, 0]);
    const [legs, device] = records;
    if (legs === undefined || device === undefined) throw new Error("two defaults expected");
    const before = host.routing();
    // The kernel would take the legs along: a delete by device compares no gateway.
    await expect(remove(device)).rejects.toMatchObject({ code: "rejected" });
    expect(host.routing()).toBe(before);
    expect(await remove(legs)).toBe("removed");
    expect(await remove(device)).toBe("removed");
    expect(await add(legs, "append")).toBe("added");
    expect(await add(device, "append")).toBe("added");
    expect(host.routing()).toBe(before);
  });

  const vias = {
    ipv4: ["via 10.0.0.1 dev up0", "via 10.0.0.9 dev up0", "via 10.1.0.1 dev up1", "dev up0"],
    // Without a device's default: one that stands between two legs is left out of dumps (Linux 6.18).
    ipv6: ["via fd00::1 dev up0", "via fd00::9 dev up0", "via fd01::1 dev up1"],
  };
  const legs = {
    ipv4: ["nexthop via 10.0.0.1 dev up0 nexthop via 10.1.0.1 dev up1"],
    ipv6: ["nexthop via fd00::1 dev up0 nexthop via fd01::1 dev up1"],
  };
  const extras = {
    ipv4: ["", "mtu 1400", "proto dhcp", "src 10.0.0.2", "tos 0x10"],
    ipv6: ["", "mtu 1400", "proto static"],
  };

  test.each(["ipv4", "ipv6"] as const)(
    "removeDefault() takes exactly the one that is meant, or nothing: %s",
    async (family) => {
      const route = fc.record({
        way: fc.constantFrom(...vias[family], ...legs[family]),
        metric: fc.constantFrom("", "metric 5"),
        extra: fc.constantFrom(...extras[family]),
      });
      const tables = fc.array(route, { minLength: 2, maxLength: 6 });
      const texts = async (): Promise<readonly string[]> =>
        (await defaults(family)).map(({ raw }) => Buffer.from(raw).toString("hex"));
      await fc.assert(
        fc.asyncProperty(tables, fc.nat(), async (routes, choice) => {
          const destination = family === "ipv4" ? "default" : "::/0";
          for (const { way, metric, extra } of routes) {
            const words = `route append ${destination} ${metric} ${extra} ${way}`;
            // Some cannot stand beside others: they are left out.
            try {
              host.namespace.ip(words.replace(/ +/g, " "));
            } catch {}
          }
          const records = await defaults(family);
          const at = choice % records.length;
          const record = records[at];
          if (record === undefined) throw new Error("no default");
          const before = await texts();
          try {
            expect(await remove(record)).toBe("removed");
            expect(await texts()).toEqual(before.filter((_, other) => other !== at));
          } catch (error) {
            if (!(error instanceof PlatformError)) throw error;
            expect(error.message).toContain("a delete would take that one");
            expect(await texts()).toEqual(before);
          }
          host.namespace.ip(
            `${family === "ipv4" ? "-4" : "-6"} route flush exact ${family === "ipv4" ? "0.0.0.0/0" : "::/0"}`,
          );
        }),
        { numRuns: 25, seed: 3 },
      );
    },
  );
});
