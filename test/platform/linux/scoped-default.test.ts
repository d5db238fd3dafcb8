import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { IpFamily } from "../../../src/network/address.ts";
import type { ScopedDefault } from "../../../src/platform/route-control.ts";
import { never, openTwoUplinkHost, pairOver, type RouteControlHost } from "./route-control-host.ts";

const families = ["ipv4", "ipv6"] as const;

describe.skipIf(process.platform !== "linux")("scoped defaults of a real kernel", () => {
  let host: RouteControlHost;

  beforeEach(async () => {
    host = await openTwoUplinkHost();
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const pair = (family: IpFamily, more: Partial<ScopedDefault> = {}): ScopedDefault =>
    pairOver(host.indexOf("up0"), "up0", family === "ipv4" ? "10.0.0.1" : "fd00::1", more);
  const add = (entry: ScopedDefault): Promise<string> => host.control.addScoped(entry, never);
  const remove = (entry: ScopedDefault): Promise<void> => host.control.removeScoped(entry, never);
  const ipOf = (family: IpFamily, words: string): void =>
    void host.namespace.ip(`${family === "ipv4" ? "-4" : "-6"} ${words}`);
  const ours = (family: IpFamily): readonly string[] =>
    host
      .rules(family)
      .split("\n")
      .filter((line) => line.includes("proto 199"))
      .map((line) => line.trim().replace(/\s+/g, " "));

  test("the pair as ip prints it", async () => {
    await add(pair("ipv4", { slot: 7, mtu: 1400, source: "10.0.0.2" }));
    expect(ours("ipv4")).toEqual([
      "5114: from all oif up0 lookup main suppress_prefixlength 0 proto 199",
      "5115: from all oif up0 lookup 5107 proto 199",
    ]);
    expect(host.table("ipv4", 5107)).toBe(
      "default via 10.0.0.1 dev up0 proto 199 src 10.0.0.2 mtu 1400",
    );
  });

  test("the throw form as ip prints it, with rules for replies, in IPv6", async () => {
    const connected = ["fd00::/64", "fe80::/64"];
    await add(pair("ipv6", { slot: 49, form: "throw", connected, replyAddresses: ["fd00::2"] }));
    expect(ours("ipv6")).toEqual([
      "5199: from all oif up0 lookup 5149 proto 199",
      "5199: from fd00::2 lookup 5149 proto 199",
    ]);
    expect(host.table("ipv6", 5149).split("\n")).toEqual([
      expect.stringMatching(/^throw fd00::\/64 dev lo proto 199/),
      expect.stringMatching(/^throw fe80::\/64 dev lo proto 199/),
      expect.stringMatching(/^default via fd00::1 dev up0 proto 199/),
    ]);
  });

  test("legs over one interface, a gateway of the other family, and one that is off-link", async () => {
    const up0 = host.indexOf("up0");
    const leg = { interfaceIndex: up0, onlink: false, linkdown: false };
    const entries = [
      pair("ipv4", {
        slot: 0,
        gateway: null,
        nexthops: [
          { ...leg, gateway: "10.0.0.1", weight: 3 },
          { ...leg, gateway: "10.0.0.9", weight: 1 },
        ],
      }),
      pair("ipv4", { slot: 1, gateway: "fe80::1" }),
      pair("ipv4", { slot: 2, gateway: "192.0.2.1", onlink: true }),
      pair("ipv6", {
        slot: 0,
        gateway: null,
        nexthops: [
          { ...leg, gateway: "fd00::1", weight: 1 },
          { ...leg, gateway: "fe80::9", weight: 2 },
        ],
      }),
      pair("ipv6", { slot: 1, gateway: "fe80::1" }),
    ];
    for (const entry of entries) expect(await add(entry)).toBe("added");
    const { scoped } = await host.read();
    expect(scoped.map(({ complete }) => complete)).toEqual(entries.map(() => true));
    for (const [at, entry] of entries.entries()) {
      const sorted = (found: ScopedDefault | undefined): unknown => ({
        ...found,
        nexthops: [...(found?.nexthops ?? [])].sort((a, b) => a.weight - b.weight),
      });
      expect(sorted(scoped[at]?.entry)).toEqual(sorted(entry));
      expect(await add(entry)).toBe("already-there");
    }
  });

  test.each(families)("up to 50 slots, each found and each taken away: %s", async (family) => {
    const before = host.routing();
    const entries = Array.from({ length: 50 }, (_, slot) => pair(family, { slot }));
    for (const entry of entries) expect(await add(entry)).toBe("added");
    const { scoped } = await host.read();
    expect(scoped).toEqual(entries.map((entry) => ({ entry, complete: true })));
    expect(ours(family).map((line) => Number.parseInt(line, 10))).toEqual(
      Array.from({ length: 100 }, (_, at) => 5100 + at),
    );
    for (const { entry } of scoped) await remove(entry);
    expect(host.routing()).toBe(before);
  });

  test.each(families)("removal leaves nothing, whatever part was there: %s", async (family) => {
    const before = host.routing();
    for (const broken of [
      "rule del pref 5100 proto 199",
      "rule del pref 5101 proto 199",
      "route flush table 5100",
    ]) {
      await add(pair(family));
      ipOf(family, broken);
      const { scoped } = await host.read();
      expect(scoped).toHaveLength(1);
      expect(await add(pair(family))).toBe("added");
      expect((await host.read()).scoped).toEqual([{ entry: pair(family), complete: true }]);
      ipOf(family, broken);
      await remove(pair(family));
      expect(host.routing()).toBe(before);
    }
  });

  test("the rescue by hand takes everything of our tag, and nothing else", async () => {
    const before = host.routing();
    await add(pair("ipv4", { replyAddresses: ["10.0.0.2"] }));
    await add(pair("ipv6"));
    for (const words of [
      "-4 route flush proto 199 table all",
      "-6 route flush proto 199 table all",
      "-4 rule flush proto 199",
      "-6 rule flush proto 199",
    ])
      host.namespace.ip(words);
    expect(host.routing()).toBe(before);
    expect((await host.read()).scoped).toEqual([]);
  });

  describe("what is somebody else's", () => {
    test.each([
      ["a rule at the first preference", "rule add pref 5100 fwmark 7 lookup 99"],
      ["a rule at the second preference", "rule add pref 5101 fwmark 7 lookup 99"],
      ["a rule into the table", "rule add pref 9999 fwmark 7 lookup 5100"],
      ["the very same rule", "rule add pref 5101 oif up0 lookup 5100"],
      ["the very same rule of another maker", "rule add pref 5101 oif up0 lookup 5100 proto 4"],
      ["a route in the table", "route add 192.0.2.0/24 dev up0 table 5100"],
      ["the very same default", "route add default via 10.0.0.1 dev up0 table 5100"],
    ])("%s is a conflict, is told, and stays", async (_, words) => {
      host.namespace.ip(words);
      const before = host.routing();
      expect(await add(pair("ipv4"))).toBe("conflict");
      expect(host.routing()).toBe(before);
      const { obstacles, scoped } = await host.read();
      expect(scoped).toEqual([]);
      expect(obstacles).toContainEqual(
        expect.objectContaining({ kind: "slot-taken", family: "ipv4", slot: 0 }),
      );
      expect(await add(pair("ipv4", { slot: 1 }))).toBe("added");
      await remove(pair("ipv4", { slot: 1 }));
      await remove(pair("ipv4"));
      expect(host.routing()).toBe(before);
    });

    test("what came into our slot later stays when ours goes", async () => {
      await add(pair("ipv4"));
      host.ip(
        "rule add pref 5101 oif up0 lookup 5100 fwmark 3",
        "route add 192.0.2.0/24 dev up0 table 5100",
        "route append default via 10.0.0.77 dev up0 table 5100",
      );
      await remove(pair("ipv4"));
      expect(ours("ipv4")).toEqual([]);
      expect(host.rules("ipv4")).toMatch(/5101:\s+from all fwmark 0x3 oif up0 lookup 5100/);
      expect(
        host
          .table("ipv4", 5100)
          .split("\n")
          .map((line) => line.trim()),
      ).toEqual(["default via 10.0.0.77 dev up0", "192.0.2.0/24 dev up0 scope link"]);
    });

    test("deleting a rule by its preference alone takes the first, whoever made it", () => {
      host.ip(
        "rule add pref 5100 oif up0 lookup 77",
        "rule add pref 5100 oif up1 lookup 78 proto 199",
        "rule del pref 5100 oif up1 lookup 78 proto 199",
        "rule add pref 5100 oif up1 lookup 78 proto 199",
        "rule del pref 5100",
      );
      expect(ours("ipv4")).toEqual(["5100: from all oif up1 lookup 78 proto 199"]);
      expect(() => host.namespace.ip("rule del pref 5100 oif up1 lookup 78 proto 4")).toThrow(
        "No such file or directory",
      );
    });
  });

  describe("EEXIST", () => {
    test("meets a duplicate rule or route, and a default by another gateway, not another maker's rule", () => {
      host.ip(
        "rule add pref 5101 oif up0 lookup 5100 proto 199",
        "route add default via 10.0.0.1 dev up0 table 5100",
      );
      for (const words of [
        "rule add pref 5101 oif up0 lookup 5100 proto 199",
        "route add default via 10.0.0.1 dev up0 table 5100",
        "route add default via 10.0.0.9 dev up0 table 5100",
      ])
        expect(() => host.namespace.ip(words)).toThrow("File exists");
      host.ip(
        "rule add pref 5101 oif up0 lookup 5100 proto 4",
        "route add default via 10.0.0.9 dev up0 table 5100 metric 5",
      );
    });
  });
});
