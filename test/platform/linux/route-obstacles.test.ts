import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Obstacle } from "../../../src/platform/route-control.ts";
import { never, openTwoUplinkHost, pairOver, type RouteControlHost } from "./route-control-host.ts";

describe.skipIf(process.platform !== "linux")("obstacles on a real kernel", () => {
  let host: RouteControlHost;

  beforeEach(async () => {
    host = await openTwoUplinkHost();
    host.ip("link add vpn0 type ifb", "link set vpn0 up", "route add default via 10.0.0.1 dev up0");
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const obstacles = async (): Promise<readonly Obstacle[]> => (await host.read()).obstacles;
  const wayOut = (): string => host.namespace.ip("route get 198.51.100.1 oif up0");

  test("a plain host has none", async () => {
    expect(await obstacles()).toEqual([]);
  });

  test("none of ours is an obstacle to ours", async () => {
    for (const slot of [0, 49])
      await host.control.addScoped(
        pairOver(host.indexOf("up0"), "up0", "10.0.0.1", { slot, replyAddresses: ["10.0.0.2"] }),
        never,
      );
    expect(await obstacles()).toEqual([]);
  });

  test("the local table looked into after ours, as with VRFs", async () => {
    host.ip("rule add pref 32765 lookup local", "rule del pref 0");
    expect(await obstacles()).toEqual([{ kind: "local-rule-moved", family: "ipv4" }]);
    host.ip("rule add pref 1500 lookup local");
    expect(await obstacles()).toEqual([]);
    // It is what the host's own address goes out on the wire for.
    host.ip("rule del pref 1500");
    await host.control.addScoped(pairOver(host.indexOf("up0"), "up0", "10.0.0.1"), never);
    expect(host.namespace.ip("route get 10.0.0.2 oif up0")).not.toContain("local");
    host.ip("rule add pref 0 lookup local");
    expect(host.namespace.ip("route get 10.0.0.2 oif up0")).toContain("local");
  });

  describe("a rule before ours", () => {
    const shadowedBy = (preference: number, by: string): Obstacle => ({
      kind: "shadowed",
      family: "ipv4",
      preference,
      by,
      remedy: expect.stringMatching(/preference/),
    });

    beforeEach(() =>
      host.control.addScoped(pairOver(host.indexOf("up0"), "up0", "10.0.0.1"), never),
    );

    test("into a table with the default of another device is passed over by bound sockets", async () => {
      host.ip("rule add pref 110 not fwmark 1 lookup 77", "route add default dev vpn0 table 77");
      expect(wayOut()).toContain("via 10.0.0.1 dev up0");
      expect(await obstacles()).toEqual([]);
    });

    test("into a table that refuses everything comes first, also for bound sockets", async () => {
      host.ip(
        "rule add pref 110 not fwmark 1 lookup 77",
        "route add default dev vpn0 table 77",
        "route add unreachable default table 77 metric 9",
      );
      expect(wayOut()).not.toContain("via 10.0.0.1");
      expect(await obstacles()).toEqual([
        shadowedBy(110, "110: not from all fwmark 0x1 lookup 77 (NetBird)"),
      ]);
    });

    test.each(["unreachable", "prohibit", "blackhole"])("that is %s itself", async (action) => {
      host.ip(`rule add pref 2000 ${action}`);
      expect(wayOut()).not.toContain("via 10.0.0.1");
      expect(await obstacles()).toEqual([shadowedBy(2000, `2000: from all ${action} (mwan3)`)]);
    });

    test("that goes to one behind ours", async () => {
      host.ip("rule add pref 50 goto 32766");
      expect(wayOut()).not.toContain("table 5100");
      expect(await obstacles()).toEqual([
        {
          ...shadowedBy(50, "50: from all goto 32766"),
          remedy: expect.stringMatching(/^move that rule behind preference 5199,/),
        },
      ]);
    });

    test("for the uplink, with a default of its own", async () => {
      host.ip(
        "rule add pref 3001 oif up0 lookup 78",
        "route add default via 10.0.0.9 dev up0 table 78",
      );
      expect(wayOut()).toContain("via 10.0.0.9");
      expect(await obstacles()).toEqual([
        {
          ...shadowedBy(3001, "3001: from all oif up0 lookup 78 (mwan3)"),
          remedy: expect.stringMatching(/^set preference_base to 2901 or lower/),
          oif: "up0",
          over: [host.indexOf("up0")],
        },
      ]);
    });

    test.each([
      ["of a mark", "rule add pref 2000 fwmark 7 unreachable"],
      ["for packets that come in", "rule add pref 2000 iif up1 unreachable"],
      ["from one address", "rule add pref 2000 from 10.0.0.2 unreachable"],
      ["to one network", "rule add pref 2000 to 192.0.2.0/24 unreachable"],
      ["of one user", "rule add pref 2000 uidrange 0-0 unreachable"],
      [
        "that suppresses what it would find",
        "rule add pref 105 lookup main suppress_prefixlength 0",
      ],
      ["behind ours", "rule add pref 5270 unreachable"],
      ["into main that goes on", "rule add pref 2000 goto 3000"],
    ])("%s is none", async (_, words) => {
      host.ip(words);
      expect(await obstacles()).toEqual([]);
    });
  });
});
