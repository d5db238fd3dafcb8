import { describe, expect, test } from "vitest";
import type { GuardPolicy } from "../../../src/routes/guard/guard-options.ts";
import { memoryInterface } from "../../platform/memory/memory-host.ts";
import { eth0, lossIn, told, tun0, us, viaEth0, viaTun0, vpn, wlan0 } from "./host.ts";
import { type Watch, watching } from "./watch.ts";

describe("something adds 0.0.0.0/0, gets EEXIST, deletes the default, adds its own and dies", () => {
  /** Up to the death of the program, whose tunnel goes with it. */
  function scenario(policy: GuardPolicy, lifeMs: number): Watch {
    const watch = watching([viaEth0], policy);
    watch.hear("removed", viaEth0, vpn);
    expect(watch.look([eth0, wlan0, tun0], [])).toEqual([]);
    watch.hear("added", viaTun0, vpn);
    expect(watch.look([eth0, wlan0, tun0], [viaTun0])).toEqual([]);
    const meanwhile = watch.pass(lifeMs);
    expect(told(meanwhile)).toEqual(lifeMs < 5_000 ? [] : ["displaced eth0"]);
    expect(watch.wishes()).toEqual([]);
    expect(watch.look([eth0, wlan0], [])).toEqual([]);
    return watch;
  }

  test.each([50, 3_000, 3_600_000])("guard restore puts it back, %i ms of tunnel", (lifeMs) => {
    const watch = scenario("restore", lifeMs);
    expect(told(watch.pass(4_999)).filter((one) => one.startsWith("default-"))).toEqual([]);
    expect(watch.wishes()).toEqual([]);
    const decisions = watch.pass(1);
    expect(lossIn(decisions)).toMatchObject({
      because: "displaced",
      meaning: "badvpn (pid 4242) put a default over tun0 in its place, and that is gone",
      route: viaEth0,
      by: vpn,
      instead: null,
      restoring: true,
      remedy: null,
    });
    const [wish, ...more] = watch.wishes();
    expect(more).toEqual([]);
    expect(wish).toMatchObject({ family: "ipv4", record: { route: viaEth0 } });
    expect(wish?.record.raw.length).toBeGreaterThan(0);
    watch.hear("added", viaEth0, us);
    expect(told(watch.look([eth0, wlan0], [viaEth0]))).toEqual(["default-restored eth0"]);
    expect(watch.wishes()).toEqual([]);
    expect(watch.pass(3_600_000)).toEqual([]);
  });

  test("guard warn says so, and which one command mends it", () => {
    const watch = scenario("warn", 50);
    const decisions = watch.pass(5_000);
    expect(lossIn(decisions)).toMatchObject({
      because: "displaced",
      restoring: false,
      remedy: "netwatch routes restore",
    });
    expect(told(decisions)).not.toContainEqual(expect.stringContaining("void"));
    expect(watch.wishes()).toEqual([]);
  });

  test("it all happened between two looks: messages alone tell of the tunnel", () => {
    const watch = watching([viaEth0]);
    watch.hear("removed", viaEth0, vpn);
    watch.hear("added", viaTun0, vpn);
    expect(watch.look([eth0, wlan0], [])).toEqual([]);
    expect(lossIn(watch.pass(5_000))).toMatchObject({ because: "displaced", by: vpn });
    expect(watch.wishes()).toHaveLength(1);
  });

  test("the program puts the default back itself: nothing was lost", () => {
    const watch = scenario("restore", 60_000);
    watch.pass(4_000);
    expect(watch.look([eth0, wlan0], [viaEth0])).toEqual([]);
    expect(watch.pass(600_000)).toEqual([]);
  });
});

describe("case 4: displaced", () => {
  const low = { ...viaTun0, prefix: "0.0.0.0/1" };

  test("`ip route replace` displaces, and no message tells of a removal", () => {
    const watch = watching([viaEth0]);
    watch.hear("replaced", viaTun0, vpn);
    watch.look([eth0, wlan0, tun0], [viaTun0]);
    const [event] = watch.pass(5_000);
    expect(event).toMatchObject({ kind: "displaced", by: vpn, over: ["tun0"], route: viaEth0 });
    expect(watch.pass(3_600_000)).toEqual([]);
  });

  test.each([
    [10_000, "displaced"],
    [10_001, "removed"],
  ])("a split that came %i ms before: %s", (leadMs, because) => {
    const watch = watching([viaEth0]);
    watch.look([eth0, wlan0, tun0], [viaEth0, low]);
    watch.pass(leadMs);
    watch.hear("removed", viaEth0, vpn);
    watch.look([eth0, wlan0, tun0], [low]);
    const decisions = [
      ...watch.pass(5_000),
      ...watch.look([eth0, wlan0], []),
      ...watch.pass(5_000),
    ];
    expect(lossIn(decisions).because).toBe(because);
    expect(watch.wishes()).toHaveLength(because === "displaced" ? 1 : 0);
  });

  test("a usurper that comes after the grace is none", () => {
    const watch = watching([viaEth0]);
    watch.hear("removed", viaEth0, vpn);
    watch.look([eth0, wlan0], []);
    expect(lossIn(watch.pass(5_000)).because).toBe("removed");
    watch.look([eth0, wlan0, tun0], [viaTun0]);
    watch.look([eth0, wlan0], []);
    expect(watch.pass(60_000)).toEqual([]);
    expect(watch.wishes()).toEqual([]);
  });

  test("as long as half of a split stands, it is displaced", () => {
    const high = { ...viaTun0, prefix: "128.0.0.0/1" };
    const watch = watching([viaEth0]);
    watch.hear("removed", viaEth0, vpn);
    watch.look([eth0, wlan0, tun0], [low, high]);
    watch.pass(60_000);
    watch.look([eth0, wlan0, tun0], [low]);
    expect(watch.pass(60_000)).toEqual([]);
    watch.look([eth0, wlan0, tun0], []);
    expect(told(watch.pass(5_000))).toEqual(["default-lost eth0 displaced"]);
  });

  test("one tunnel follows another: displaced by the second", () => {
    const tun1 = memoryInterface(8, "tun1", { kind: "tunnel" });
    const watch = watching([viaEth0]);
    watch.hear("removed", viaEth0, vpn);
    watch.look([eth0, tun0], [viaTun0]);
    watch.pass(60_000);
    watch.look([eth0], []);
    watch.pass(3_000);
    watch.look([eth0, tun1], [{ ...viaTun0, interfaceIndex: 8 }]);
    expect(watch.pass(3_600_000)).toEqual([]);
    watch.look([eth0], []);
    expect(lossIn(watch.pass(5_000)).meaning).toContain("over tun1");
  });

  test("lost over a dead link waits for the link", () => {
    const watch = watching([viaEth0]);
    watch.hear("removed", viaEth0, vpn);
    watch.look([eth0, tun0], [viaTun0]);
    watch.pass(60_000);
    watch.look([{ ...eth0, carrier: false }], []);
    expect(watch.pass(60_000)).toEqual([]);
    watch.look([eth0], []);
    expect(told(watch.pass(5_000))).toEqual(["default-lost eth0 displaced"]);
  });

  test("without evidence of a remover it is displaced all the same, but warned of only", () => {
    const watch = watching([viaEth0]);
    watch.look([eth0, wlan0, tun0], [viaTun0]);
    expect(told(watch.pass(5_000))).toEqual(["displaced eth0"]);
    watch.look([eth0, wlan0], []);
    expect(lossIn(watch.pass(5_000))).toMatchObject({ because: "displaced", restoring: false });
    expect(watch.wishes()).toEqual([]);
  });

  test("a new tunnel stands: nothing is put back beside it", () => {
    const watch = watching([viaEth0]);
    watch.hear("removed", viaEth0, vpn);
    watch.look([eth0, tun0], [viaTun0]);
    watch.pass(60_000);
    watch.look([eth0], []);
    watch.pass(5_000);
    expect(watch.wishes()).toHaveLength(1);
    watch.look([eth0, tun0], [viaTun0]);
    expect(watch.wishes()).toEqual([]);
    watch.look([eth0], []);
    expect(watch.wishes()).toHaveLength(1);
  });
});
