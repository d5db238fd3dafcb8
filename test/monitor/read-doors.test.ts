import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { memoryAddress, memoryDefault, memoryInterface } from "../platform/memory/memory-host.ts";
import { told, watch } from "./watch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a change", () => {
  test("is told at once when the host was quiet, with the new state in place", async () => {
    await using watched = await watch();
    const { controls } = watched.platform;
    let gatewayWhenTold: string | null | undefined;
    watched.monitor.onEvents(() => {
      gatewayWhenTold = watched.monitor.state.defaults.ipv4.effective?.route.gateway;
    });
    controls.setDefaults("ipv4", [memoryDefault("10.0.0.9", 2)]);
    await watched.pass(0);
    expect(watched.events).toMatchObject([
      {
        kind: "default-changed",
        severity: "effective",
        cause: "message",
        family: "ipv4",
        before: { route: { gateway: "10.0.0.1" } },
        after: { route: { gateway: "10.0.0.9" } },
      },
    ]);
    expect(gatewayWhenTold).toBe("10.0.0.9");
  });

  test("re-reads only the doors that rang", async () => {
    await using watched = await watch();
    const { controls } = watched.platform;
    const before = controls.readCounts();
    controls.setAddresses(1, [memoryAddress("127.0.0.1/8", { scope: "host" })]);
    await watched.pass(0);
    const after = controls.readCounts();
    expect(told(watched.events)).toEqual(["address-added lo"]);
    expect(after).toMatchObject({
      all: before.all,
      doors: before.doors + 1,
      interfaces: before.interfaces + 1,
      defaults: before.defaults,
    });
  });

  test("of a hundred interfaces among three hundred does not dump the others", async () => {
    await using watched = await watch();
    const { controls } = watched.platform;
    const setMtu = (mtu: number, count: number): void => {
      for (let index = 10; index < 10 + count; index += 1)
        controls.setInterface(memoryInterface(index, `veth${index}`, { mtu }));
    };
    setMtu(1500, 300);
    await watched.pass(2_000);
    const before = controls.readCounts();
    setMtu(1400, 100);
    await watched.pass(2_000);
    const after = controls.readCounts();
    expect(watched.monitor.state.interfaces.get(50)?.mtu).toBe(1400);
    expect(after.all).toBe(before.all);
  });

  test("of a link takes its silent routes into the same publication, announced", async () => {
    await using watched = await watch();
    // The memory kernel drops the defaults over a link that goes down, and rings only the link.
    watched.platform.controls.setInterface(
      memoryInterface(2, "eth0", {
        up: false,
        carrier: false,
        operState: "down",
        addresses: [memoryAddress("10.0.0.2/24"), memoryAddress("fd00::2/64")],
      }),
    );
    await watched.pass(0);
    expect(watched.batches).toHaveLength(1);
    expect(told(watched.events)).toEqual([
      "interface-changed eth0",
      "default-changed ipv4",
      "default-changed ipv6",
    ]);
    expect(new Set(watched.events.map(({ cause }) => cause))).toEqual(new Set(["message"]));
    expect(watched.monitor.counters().drift).toBe(0);
  });

  test("of an address takes a default that went with it elsewhere along", async () => {
    await using watched = await watch();
    const { controls } = watched.platform;
    controls.setAddresses(1, [memoryAddress("10.8.8.8/32")]);
    await watched.pass(1_000);
    watched.fresh();
    // As a route over eth0 whose preferred source was the address of lo: its end is not rung here.
    controls.deafen(true);
    controls.setDefaults("ipv4", []);
    controls.deafen(false);
    controls.setAddresses(1, []);
    await watched.pass(0);
    expect(watched.batches).toHaveLength(2);
    expect(told(watched.fresh())).toEqual(["address-removed lo", "default-changed ipv4"]);
    expect(watched.events.at(-1)?.cause).toBe("message");
  });

  test("of a link that went down and up again between two reads costs no default", async () => {
    await using watched = await watch();
    const { controls } = watched.platform;
    const eth0 = watched.monitor.state.interfaces.get(2);
    if (eth0 === undefined) throw new Error("no eth0");
    controls.ring({ kind: "interface", index: 2 });
    await watched.pass(10);
    controls.setInterface({ ...eth0, up: false });
    controls.setInterface(eth0);
    await watched.pass(300);
    expect(told(watched.events)).toEqual(["default-changed ipv4", "default-changed ipv6"]);
    expect(watched.events[0]?.cause).toBe("message");
  });

  test("that is undone within one debounce window yields nothing", async () => {
    await using watched = await watch();
    const { controls } = watched.platform;
    controls.ring({ kind: "defaults", family: "ipv4" });
    await watched.pass(10);
    controls.setDefaults("ipv4", []);
    await watched.pass(50);
    controls.setDefaults("ipv4", [memoryDefault("10.0.0.1", 2)]);
    await watched.pass(5_000);
    expect(watched.events).toEqual([]);
  });

  test("that comes while a read is under way is read after it", async () => {
    await using watched = await watch();
    const { controls } = watched.platform;
    controls.setReadCost(10);
    controls.setDefaults("ipv4", [memoryDefault("10.0.0.9", 2)]);
    await watched.pass(5);
    controls.setDefaults("ipv4", [memoryDefault("10.0.0.8", 2)]);
    await watched.pass(500);
    expect(
      watched.events.map((event) => event.kind === "default-changed" && event.after?.route.gateway),
    ).toEqual(["10.0.0.9", "10.0.0.8"]);
  });

  test("is told within the cap while another interface never stops ringing", async () => {
    await using watched = await watch();
    const { controls } = watched.platform;
    controls.setInterface(memoryInterface(9, "veth9", { kind: "container" }));
    const noise = setInterval(() => controls.ring({ kind: "interface", index: 9 }), 50);
    await watched.pass(10_000);
    watched.fresh();
    const changedAt = 10_000;
    // The same door rings first, so that the change itself has no leading edge.
    controls.ring({ kind: "defaults", family: "ipv4" });
    await watched.pass(1);
    const alsoNoise = setInterval(() => controls.ring({ kind: "defaults", family: "ipv4" }), 50);
    await watched.pass(99);
    controls.setDefaults("ipv4", [memoryDefault("10.0.0.9", 2)]);
    await watched.pass(3_000);
    clearInterval(noise);
    clearInterval(alsoNoise);
    const batch = watched.batches.find(({ events }) =>
      told(events).includes("default-changed ipv4"),
    );
    expect(batch?.atMs).toBeLessThanOrEqual(changedAt + 100 + 2_000);
  });

  test("of a default is told at once while containers come and go", async () => {
    await using watched = await watch();
    const { controls } = watched.platform;
    const noise = setInterval(() => {
      controls.setInterface(memoryInterface(9, "veth9", { kind: "container" }));
      controls.removeInterface(9);
    }, 50);
    await watched.pass(10_010);
    controls.setDefaults("ipv4", [memoryDefault("10.0.0.9", 2)]);
    await watched.pass(0);
    clearInterval(noise);
    expect(told(watched.events)).toContain("default-changed ipv4");
  });
});
