import { describe, expect, test } from "vitest";
import { memoryAddress, memoryDefault } from "../../platform/memory/memory-host.ts";
import { eth0, kernel, lossIn, told, viaEth0, viaWlan0, wlan0 } from "./host.ts";
import { watching } from "./watch.ts";

describe("case 1: what it stood on went", () => {
  const down = { ...eth0, up: false, carrier: false };
  const dhcp = { ...viaEth0, protocol: "dhcp" };

  test("a link that goes down takes nothing that is lost", () => {
    const watch = watching([viaEth0, viaWlan0]);
    expect(watch.look([down, wlan0], [viaWlan0])).toEqual([]);
    expect(watch.pass(3_600_000)).toEqual([]);
    expect(watch.guard.dueAt()).toBeNull();
  });

  test.each([
    ["static", 5_000],
    ["boot", 5_000],
    ["dhcp", 30_000],
    ["ra", 30_000],
    ["bird", 30_000],
  ])("proto %s is lost when link and address are back for %i ms", (protocol, waitMs) => {
    const watch = watching([{ ...viaEth0, protocol }]);
    watch.look([down, wlan0], []);
    watch.pass(60_000);
    watch.look([{ ...eth0, addresses: [] }, wlan0], []);
    expect(watch.pass(60_000)).toEqual([]);
    watch.look([eth0, wlan0], []);
    expect(watch.pass(waitMs - 1)).toEqual([]);
    expect(watch.wishes()).toEqual([]);
    expect(told(watch.pass(1))[0]).toBe("default-lost eth0 not-returned");
    expect(watch.wishes()).toHaveLength(protocol === "ra" ? 0 : 1);
  });

  test("a link that flaps begins the wait anew", () => {
    const watch = watching([viaEth0]);
    for (let turn = 0; turn < 5; turn += 1) {
      watch.look([down, wlan0], []);
      expect(watch.pass(6_000)).toEqual([]);
      watch.look([eth0, wlan0], []);
      expect(watch.pass(4_999)).toEqual([]);
    }
    expect(told(watch.pass(1))).toEqual(["default-lost eth0 not-returned"]);
  });

  test("its owner brings it back in time", () => {
    const watch = watching([dhcp]);
    watch.look([down, wlan0], []);
    watch.look([eth0, wlan0], []);
    expect(watch.pass(29_000)).toEqual([]);
    expect(watch.look([eth0, wlan0], [dhcp])).toEqual([]);
    expect(watch.pass(60_000)).toEqual([]);
  });

  test("the kernel itself removed a static one, nobody saw why: the grace, then lost", () => {
    const watch = watching([viaEth0]);
    watch.hear("removed", viaEth0, kernel);
    watch.look([eth0, wlan0], []);
    expect(told(watch.pass(5_000))).toEqual(["default-lost eth0 not-returned"]);
    expect(watch.wishes()).toHaveLength(1);
  });

  test("a nexthop object went: warn only, because nobody knows by whom", () => {
    const watch = watching([{ ...viaEth0, nexthopId: 10 }]);
    watch.look([eth0, wlan0], []);
    expect(told(watch.pass(5_000))).toEqual(["default-lost eth0 not-returned"]);
    expect(watch.wishes()).toEqual([]);
  });

  test("the interface comes back under a new index, and the wish follows it", () => {
    const watch = watching([viaEth0]);
    watch.look([wlan0], []);
    watch.pass(60_000);
    watch.look([{ ...eth0, index: 12 }, wlan0], []);
    watch.pass(5_000);
    expect(watch.wishes()).toMatchObject([
      { record: { route: { interfaceIndex: 12, gateway: "10.0.0.1" } } },
    ]);
    const back = { ...viaEth0, interfaceIndex: 12 };
    expect(told(watch.look([{ ...eth0, index: 12 }, wlan0], [back]))).toEqual([
      "default-restored eth0",
    ]);
  });

  test("another device takes the name: nothing of it comes back", () => {
    const watch = watching([viaEth0]);
    watch.look([wlan0], []);
    watch.look([{ ...eth0, index: 12, mac: "02:00:00:00:00:99" }, wlan0], []);
    expect(watch.pass(3_600_000)).toEqual([]);
  });

  test("the interface moved to another network: the old gateway is not put back", () => {
    const watch = watching([viaEth0]);
    watch.look([down, wlan0], []);
    const moved = { ...eth0, addresses: [memoryAddress("192.0.2.7/24")] };
    watch.look([moved, wlan0], [memoryDefault("192.0.2.1", 2)]);
    expect(watch.pass(3_600_000)).toEqual([]);
    expect(watch.wishes()).toEqual([]);
  });

  test("a router is asked three times for its default, and nothing is made in its place", () => {
    const ra = memoryDefault("fe80::1", 2, { protocol: "ra", metric: 1024 });
    const watch = watching([ra]);
    watch.look([down, wlan0], []);
    watch.look([eth0, wlan0], []);
    const decisions = watch.pass(30_000);
    expect(told(decisions)).toEqual(["default-lost eth0 not-returned", "ask-routers 2"]);
    expect(lossIn(decisions)).toMatchObject({ restoring: true });
    expect(told(watch.pass(3_999))).toEqual([]);
    expect(told(watch.pass(1))).toEqual(["ask-routers 2"]);
    expect(told(watch.pass(60_000))).toEqual(["ask-routers 2"]);
    expect(watch.wishes()).toEqual([]);
    expect(told(watch.look([eth0, wlan0], [ra]))).toEqual(["default-restored eth0"]);
  });

  test("a source address that is gone, and a nexthop object, are left out", () => {
    const watch = watching([{ ...viaEth0, source: "10.0.0.2", nexthopId: 5 }]);
    watch.look([down, wlan0], []);
    watch.look([{ ...eth0, addresses: [memoryAddress("10.0.0.77/24")] }, wlan0], []);
    watch.pass(5_000);
    expect(watch.wishes()).toMatchObject([
      { record: { route: { source: null, nexthopId: null } } },
    ]);
  });

  test("a router withdrew its default: said after 30 s, never put back", () => {
    const ra = memoryDefault("fe80::1", 2, { protocol: "ra", metric: 1024 });
    const watch = watching([ra]);
    watch.hear("removed", ra, kernel);
    watch.look([eth0, wlan0], []);
    expect(told(watch.pass(29_999))).toEqual(["void-last-known-good router-lifetime"]);
    expect(told(watch.pass(1))).toEqual(["default-lost eth0 withdrawn"]);
    expect(watch.wishes()).toEqual([]);
  });

  test("a default whose lifetime ended is still listed, and gone all the same", () => {
    const ra = memoryDefault("fe80::1", 2, { protocol: "ra", metric: 1024 });
    const watch = watching([ra]);
    watch.look([eth0, wlan0], [], [ra]);
    expect(told(watch.pass(30_000))).toEqual([
      "void-last-known-good router-lifetime",
      "default-lost eth0 withdrawn",
    ]);
  });
});
