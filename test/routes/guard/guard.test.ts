import { describe, expect, test } from "vitest";
import { memoryAddress, memoryDefault } from "../../platform/memory/memory-host.ts";
import {
  eth0,
  kernel,
  looksLike,
  lossIn,
  manager,
  told,
  tun0,
  viaEth0,
  viaTun0,
  vpn,
  wlan0,
} from "./host.ts";
import { Watch, watching } from "./watch.ts";

describe("case 6: the same default", () => {
  test("with another metric", () => {
    const watch = watching([viaEth0]);
    watch.hear("removed", viaEth0, manager);
    watch.look([eth0, wlan0], [{ ...viaEth0, metric: 20_100 }]);
    expect(watch.pass(60_000)).toEqual([]);
  });

  test("with a leg less, and as a whole it is remembered", () => {
    const leg = { weight: 1, onlink: false, linkdown: false };
    const legs = [
      { ...leg, gateway: "10.0.0.1", interfaceIndex: 2 },
      { ...leg, gateway: "10.1.0.1", interfaceIndex: 3 },
    ];
    const both = memoryDefault(null, null, { nexthops: legs });
    const watch = watching([both]);
    expect(watch.look([eth0, wlan0], [viaEth0])).toEqual([]);
    watch.pass(60_000);
    watch.hear("removed", viaEth0, vpn);
    watch.hear("added", viaTun0, vpn);
    watch.look([eth0, wlan0], []);
    expect(told(watch.pass(5_000))).toEqual([
      "displaced eth0+wlan0",
      "default-lost eth0+wlan0 displaced",
    ]);
    expect(watch.wishes()).toMatchObject([{ record: { route: both } }]);
  });
});

describe("createGuard()", () => {
  test("looks after each family on its own", () => {
    const six = memoryDefault("fd00::1", 2, { metric: 100 });
    const watch = watching([viaEth0, six]);
    watch.hear("removed", six, vpn);
    watch.hear("added", memoryDefault(null, 7, { family: "ipv6" }), vpn);
    watch.look([eth0, wlan0], [viaEth0]);
    const decisions = watch.pass(5_000);
    expect(lossIn(decisions)).toMatchObject({ family: "ipv6", route: six });
    expect(watch.wishes()).toMatchObject([{ family: "ipv6", record: { route: six } }]);
  });

  test("off says and does nothing, and begins to speak with what is lost afterwards", () => {
    const watch = watching([viaEth0], "off");
    watch.hear("removed", viaEth0, vpn);
    watch.look([eth0, tun0], [viaTun0]);
    watch.pass(6_000);
    watch.look([eth0], []);
    expect(watch.pass(60_000)).toEqual([]);
    expect(watch.wishes()).toEqual([]);
    expect(watch.look([eth0], [viaEth0])).toEqual([]);
  });

  test("does not guard tunnels, our own routes, splits and tables that a rule chooses", () => {
    const watch = new Watch();
    watch.look(
      [eth0, tun0],
      [
        viaTun0,
        { ...viaEth0, protocol: "199" },
        { ...viaEth0, prefix: "0.0.0.0/1" },
        { ...viaEth0, table: 100 },
        memoryDefault(null, null, { type: "unreachable" }),
      ],
    );
    watch.look([eth0, tun0], []);
    expect(watch.pass(3_600_000)).toEqual([]);
    expect(watch.guard.dueAt()).toBeNull();
  });

  test("without a record of its attributes it is warned of only", () => {
    const watch = new Watch();
    watch.guard.look({ ...looksLike([eth0], [viaEth0]), records: [] }, watch.now);
    watch.hear("removed", viaEth0, kernel);
    watch.look([eth0], []);
    expect(lossIn(watch.pass(5_000))).toMatchObject({
      restoring: false,
      remedy: "netwatch routes restore",
    });
  });

  test("a gateway that is no longer on-link is not put back until it is again", () => {
    const watch = watching([viaEth0]);
    watch.hear("removed", viaEth0, kernel);
    watch.look([eth0], []);
    watch.pass(5_000);
    expect(watch.wishes()).toHaveLength(1);
    watch.look([{ ...eth0, addresses: [memoryAddress("10.9.0.2/24")] }], []);
    expect(watch.wishes()).toEqual([]);
    watch.look([eth0], []);
    expect(watch.wishes()).toHaveLength(1);
  });

  test("forget() misses nothing of the family any more", () => {
    const watch = watching([viaEth0]);
    watch.hear("removed", viaEth0, kernel);
    watch.look([eth0], []);
    watch.pass(5_000);
    watch.guard.forget("ipv6");
    expect(watch.wishes()).toHaveLength(1);
    watch.guard.forget("ipv4");
    expect(watch.wishes()).toEqual([]);
    expect(watch.look([eth0], [viaEth0])).toEqual([]);
  });
});
