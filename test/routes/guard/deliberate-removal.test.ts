import { describe, expect, test } from "vitest";
import type { Requester } from "../../../src/platform/route-evidence.ts";
import { memoryDefault } from "../../platform/memory/memory-host.ts";
import { eth0, kernel, lossIn, manager, told, us, viaEth0, viaWlan0, vpn, wlan0 } from "./host.ts";
import { watching } from "./watch.ts";

describe("cases 2 and 3: the owner's wish", () => {
  test("2: removed by the port that added it", () => {
    const watch = watching([viaWlan0]);
    watch.hear("added", viaEth0, manager);
    watch.look([eth0, wlan0], [viaEth0, viaWlan0]);
    watch.pass(3_600_000);
    watch.hear("removed", viaEth0, manager);
    watch.look([eth0, wlan0], [viaWlan0]);
    expect(told(watch.pass(3_600_000))).toEqual(["void-last-known-good deliberate-removal"]);
    expect(watch.wishes()).toEqual([]);
  });

  test("2: what netwatch put back belongs to its first owner still", () => {
    const watch = watching([]);
    watch.hear("added", viaEth0, manager);
    watch.look([eth0, wlan0], [viaEth0]);
    watch.hear("removed", viaEth0, kernel);
    watch.look([eth0, wlan0], []);
    watch.pass(5_000);
    watch.hear("added", viaEth0, us);
    watch.look([eth0, wlan0], [viaEth0]);
    watch.hear("removed", viaEth0, manager);
    watch.look([eth0, wlan0], []);
    expect(told(watch.pass(60_000))).toEqual(["void-last-known-good deliberate-removal"]);
  });

  test("2: of two with different metrics each has an owner", () => {
    const watch = watching([]);
    const twin = { ...viaEth0, metric: 200 };
    watch.hear("added", viaEth0, manager);
    watch.look([eth0, wlan0], [viaEth0]);
    watch.hear("added", twin, vpn);
    watch.look([eth0, wlan0], [viaEth0, twin]);
    watch.look([eth0, wlan0], [viaEth0]);
    watch.hear("removed", viaEth0, manager);
    watch.look([eth0, wlan0], []);
    expect(told(watch.pass(60_000))).toEqual(["void-last-known-good deliberate-removal"]);
  });

  test("2: the same port number under another command is somebody else", () => {
    const watch = watching([]);
    watch.hear("added", viaEth0, manager);
    watch.look([eth0, wlan0], [viaEth0]);
    watch.hear("removed", viaEth0, { ...manager, command: "ip" });
    watch.look([eth0, wlan0], []);
    expect(lossIn(watch.pass(5_000)).because).toBe("removed");
  });

  test.each<[string, Requester | null]>([
    ["no message", null],
    ["the kernel's message", kernel],
    ["its client's message", { portId: 77, pid: 77, command: "ip" }],
  ])("3: proto dhcp whose address leaves within the grace, with %s", (_name, by) => {
    const dhcp = { ...viaEth0, protocol: "dhcp" };
    const watch = watching([dhcp]);
    if (by !== null) watch.hear("removed", dhcp, by);
    watch.look([eth0, wlan0], []);
    watch.pass(4_000);
    watch.look([{ ...eth0, addresses: [] }, wlan0], []);
    expect(told(watch.pass(1_000))).toEqual(["void-last-known-good deliberate-removal"]);
    watch.look([eth0, wlan0], []);
    expect(watch.pass(3_600_000)).toEqual([]);
    expect(watch.wishes()).toEqual([]);
  });

  test("netwatch's own removal is nobody's loss", () => {
    const watch = watching([viaEth0]);
    watch.hear("removed", viaEth0, us);
    watch.look([eth0, wlan0], []);
    expect(watch.pass(3_600_000)).toEqual([]);
  });
});

describe("case 5: removed, and nothing in its place", () => {
  test("is warned of, also under restore", () => {
    const watch = watching([viaEth0, viaWlan0]);
    watch.hear("removed", viaEth0, { portId: 9, pid: 9, command: "ip" });
    watch.look([eth0, wlan0], [viaWlan0]);
    const decisions = watch.pass(5_000);
    expect(told(decisions)).toEqual([
      "void-last-known-good deliberate-removal",
      "default-lost eth0 removed",
    ]);
    expect(lossIn(decisions)).toMatchObject({
      meaning: "ip (pid 9) removed it and put nothing in its place",
      instead: viaWlan0,
      restoring: false,
      remedy: "if it should be there, add 0.0.0.0/0 via 10.0.0.1 dev eth0 again",
    });
    expect(watch.wishes()).toEqual([]);
  });

  test("another gateway over the same interface is in its place", () => {
    const watch = watching([viaEth0]);
    watch.hear("removed", viaEth0, vpn);
    watch.look([eth0, wlan0], [memoryDefault("10.0.0.254", 2)]);
    expect(watch.pass(60_000)).toEqual([]);
  });

  test("another gateway over the same interface ends a loss", () => {
    const watch = watching([viaEth0]);
    watch.hear("removed", viaEth0, vpn);
    watch.look([eth0, wlan0], []);
    watch.pass(60_000);
    const other = memoryDefault("10.0.0.254", 2);
    const decisions = watch.look([eth0, wlan0], [other]);
    expect(decisions).toMatchObject([{ kind: "default-restored", route: viaEth0, now: other }]);
  });

  test("without any evidence it is warned of only", () => {
    const watch = watching([viaEth0]);
    watch.look([eth0, wlan0], []);
    expect(told(watch.pass(5_000))).toEqual(["default-lost eth0 unexplained"]);
    expect(watch.wishes()).toEqual([]);
  });

  test("a removal that was taken back before explains nothing later", () => {
    const watch = watching([viaEth0]);
    watch.hear("removed", viaEth0, vpn);
    watch.hear("added", viaEth0, manager);
    watch.look([eth0, wlan0], [viaEth0]);
    watch.look([eth0, wlan0], []);
    expect(told(watch.pass(5_000))).toEqual(["default-lost eth0 unexplained"]);
  });
});
