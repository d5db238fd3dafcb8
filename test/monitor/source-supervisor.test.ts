import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { PlatformError } from "../../src/platform/platform-error.ts";
import { memoryDefault } from "../platform/memory/memory-host.ts";
import { furnish, told, watch } from "./watch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the source", () => {
  test("that dies is opened again and all is read, with backoff", async () => {
    await using watched = await watch();
    const { controls } = watched.platform;
    controls.killSource();
    controls.setDefaults("ipv4", []);
    await watched.pass(0);
    expect(watched.monitor.health().sourceAlive).toBe(false);
    expect(watched.monitor.health().reasons[0]).toContain("socket-lost");
    await watched.pass(60);
    expect(watched.monitor.health().sourceAlive).toBe(true);
    expect(watched.events).toMatchObject([{ kind: "default-changed", cause: "resync" }]);
    expect(watched.monitor.counters()).toMatchObject({ reopened: 1, drift: 0 });
  });

  test("that ends because the monitor is closed is no trouble", async () => {
    const watched = await watch();
    let changes = 0;
    watched.monitor.onHealth(() => {
      changes += 1;
    });
    await watched[Symbol.asyncDispose]();
    expect(changes).toBe(0);
    expect(watched.monitor.health().reasons).toEqual([]);
  });

  test("that does not answer two probes is opened again", async () => {
    await using watched = await watch();
    const { controls } = watched.platform;
    controls.muteProbe(true);
    await watched.pass(58_000);
    expect(watched.monitor.health().sourceAlive).toBe(true);
    await watched.pass(8_000);
    expect(watched.monitor.health().sourceAlive).toBe(false);
    expect(watched.monitor.health().reasons[0]).toContain("does not answer");
    expect(watched.monitor.counters().reopened).toBeGreaterThanOrEqual(1);
    controls.muteProbe(false);
    await watched.pass(30_000);
    expect(watched.monitor.health()).toMatchObject({ sourceAlive: true, reasons: [] });
    expect(controls.openSources()).toBe(1);
  });

  test("that answers the second of two probes is kept", async () => {
    await using watched = await watch();
    const { controls } = watched.platform;
    controls.muteProbe(true);
    await watched.pass(61_000);
    controls.muteProbe(false);
    await watched.pass(10_000);
    expect(watched.monitor.counters().reopened).toBe(0);
    expect(watched.monitor.health().sourceAlive).toBe(true);
  });

  test("is probed after a wake, not only when its time comes", async () => {
    await using watched = await watch();
    const { controls } = watched.platform;
    const { awakeMs, totalMs } = watched.platform.uptime();
    controls.setUptime({ awakeMs, totalMs: totalMs + 60_000 });
    controls.muteProbe(true);
    controls.ring({ kind: "interface", index: 1 });
    await watched.pass(5_000);
    expect(watched.monitor.counters()).toMatchObject({ wakes: 1, reopened: 1 });
  });

  test("that cannot be opened is said, polled for every few seconds and tried again", async () => {
    const refusal = new PlatformError("permission", "open a netlink socket");
    await using watched = await watch((platform) => {
      furnish(platform);
      platform.controls.refuseSources(refusal);
    });
    const { controls } = watched.platform;
    expect(watched.monitor.state.interfaces.size).toBe(2);
    expect(watched.monitor.health().sourceAlive).toBe(false);
    expect(watched.monitor.health().reasons[0]).toContain(refusal.message);
    controls.setDefaults("ipv4", []);
    await watched.pass(3_100);
    expect(told(watched.events)).toEqual(["drift", "default-changed ipv4"]);
    await watched.pass(120_000);
    controls.refuseSources(null);
    await watched.pass(30_000);
    expect(watched.monitor.health()).toMatchObject({ sourceAlive: true, reasons: [] });
    controls.setDefaults("ipv4", [memoryDefault("10.0.0.1", 2)]);
    await watched.pass(0);
    expect(watched.events.at(-1)).toMatchObject({ kind: "default-changed", cause: "message" });
  });
});
