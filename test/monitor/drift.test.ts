import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { memoryDefault, memoryInterface } from "../platform/memory/memory-host.ts";
import { watch } from "./watch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("drift", () => {
  test("is what a reconcile finds and no message announced", async () => {
    await using watched = await watch();
    const { controls } = watched.platform;
    controls.deafen(true);
    controls.setInterface(memoryInterface(3, "eth1"));
    controls.setDefaults("ipv4", [memoryDefault("10.0.0.9", 2)]);
    await watched.pass(14_900);
    expect(watched.events).toEqual([]);
    await watched.pass(200);
    expect(watched.events).toMatchObject([
      {
        kind: "drift",
        severity: "health",
        cause: "reconcile",
        differences: 2,
        subjects: ["interface eth1", "ipv4 defaults"],
      },
      { kind: "interface-added", cause: "reconcile" },
      { kind: "default-changed", cause: "reconcile" },
    ]);
    expect(watched.monitor.counters()).toMatchObject({ drift: 2, reconciles: 1, events: 3 });
  });

  test("lists at most 20 subjects", async () => {
    await using watched = await watch();
    watched.platform.controls.deafen(true);
    for (let index = 10; index < 40; index += 1)
      watched.platform.controls.setInterface(memoryInterface(index, `eth${index}`));
    await watched.pass(15_100);
    const drift = watched.events[0];
    if (drift?.kind !== "drift") throw new Error("no drift");
    expect(drift.differences).toBe(30);
    expect(drift.subjects).toHaveLength(21);
    expect(drift.subjects.at(-1)).toBe("… and 10 more");
  });

  test("is not what a message announces while the reconcile is under way, or just after", async () => {
    await using watched = await watch();
    const { controls } = watched.platform;
    controls.deafen(true);
    controls.setDefaults("ipv4", [memoryDefault("10.0.0.9", 2)]);
    controls.deafen(false);
    await watched.pass(15_005);
    // The message that was still in the socket when the reconcile read the change.
    controls.ring({ kind: "defaults", family: "ipv4" });
    await watched.pass(5_000);
    expect(watched.events).toMatchObject([{ kind: "default-changed", cause: "message" }]);
    expect(watched.monitor.counters().drift).toBe(0);
  });

  test("keeps the reconcile from backing off to 60 s, as it does after 10 calm minutes", async () => {
    await using watched = await watch();
    const { controls } = watched.platform;
    await watched.pass(601_000);
    const calm = watched.monitor.counters().reconciles;
    expect(calm).toBe(40);
    await watched.pass(120_000);
    expect(watched.monitor.counters().reconciles).toBe(calm + 2);
    controls.deafen(true);
    controls.setDefaults("ipv4", []);
    await watched.pass(60_000);
    expect(watched.monitor.counters().drift).toBe(1);
    const drifted = watched.monitor.counters().reconciles;
    await watched.pass(60_000);
    expect(watched.monitor.counters().reconciles).toBeGreaterThanOrEqual(drifted + 3);
  });
});

describe("overflow", () => {
  test("is told once, and what it hid is found by a resync, not as drift", async () => {
    await using watched = await watch();
    const { controls } = watched.platform;
    controls.deafen(true);
    controls.setDefaults("ipv4", []);
    controls.deafen(false);
    controls.overflow();
    await watched.pass(0);
    expect(watched.events).toMatchObject([
      { kind: "overflow", severity: "health", overflows: 1 },
      { kind: "default-changed", cause: "resync" },
    ]);
    expect(watched.monitor.counters().drift).toBe(0);
  });

  test("is followed by looks at 0.2, 1 and 5 s, whose finds are drift", async () => {
    await using watched = await watch();
    const { controls } = watched.platform;
    controls.overflow();
    await watched.pass(100);
    expect(watched.monitor.counters().reconciles).toBe(0);
    controls.deafen(true);
    controls.setDefaults("ipv4", []);
    await watched.pass(150);
    expect(watched.monitor.counters()).toMatchObject({ reconciles: 1, drift: 1 });
    await watched.pass(800);
    expect(watched.monitor.counters().reconciles).toBe(2);
    await watched.pass(4_000);
    expect(watched.monitor.counters().reconciles).toBe(3);
  });

  test("of an undecodable message is a resync without an event of its own", async () => {
    await using watched = await watch();
    const before = watched.platform.controls.readCounts().all;
    watched.platform.controls.ring({ kind: "all", reason: "undecodable" });
    await watched.pass(0);
    expect(watched.platform.controls.readCounts().all).toBe(before + 1);
    expect(watched.events).toEqual([]);
  });
});
