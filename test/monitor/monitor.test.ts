import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startMonitor } from "../../src/monitor/monitor.ts";
import { openMemoryPlatform } from "../../src/platform/memory/memory-platform.ts";
import { PlatformError } from "../../src/platform/platform-error.ts";
import { furnish, noJitter, told, watch } from "./watch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("startMonitor()", () => {
  test("resolves with the baseline, and no events tell of it", async () => {
    await using watched = await watch();
    const { monitor } = watched;
    expect([...monitor.state.interfaces.values()].map(({ name }) => name)).toEqual(["lo", "eth0"]);
    expect(monitor.state.defaults.ipv4.effective?.route.gateway).toBe("10.0.0.1");
    expect(monitor.health()).toEqual({ sourceAlive: true, stateCurrent: true, reasons: [] });
    await watched.pass(0);
    expect(watched.events).toEqual([]);
  });

  test("subscribes before it reads, so that a change in between is told", async () => {
    const platform = openMemoryPlatform();
    furnish(platform);
    platform.controls.setReadCost(10);
    const starting = startMonitor(platform, { random: noJitter }, new AbortController().signal);
    // The reading is what stood when the read began: this change is not in it.
    await vi.advanceTimersByTimeAsync(5);
    platform.controls.removeInterface(2);
    await vi.advanceTimersByTimeAsync(5);
    await using monitor = await starting;
    const events: string[] = [];
    monitor.onEvents((batch) => events.push(...told(batch)));
    await vi.advanceTimersByTimeAsync(30);
    expect(events).toContain("interface-removed eth0");
    expect(monitor.state.interfaces.has(2)).toBe(false);
  });

  test("resolves with an empty state when the first read fails, and goes on trying", async () => {
    const platform = openMemoryPlatform();
    furnish(platform);
    platform.controls.failReads(new PlatformError("permission", "read the links"));
    await using monitor = await startMonitor(
      platform,
      { random: noJitter },
      new AbortController().signal,
    );
    expect(monitor.state.interfaces.size).toBe(0);
    expect(monitor.health().stateCurrent).toBe(false);
    expect(monitor.health().reasons[0]).toContain("cannot read the links: permission");
    const events: string[] = [];
    monitor.onEvents((batch) => events.push(...told(batch)));
    platform.controls.failReads(null);
    await vi.advanceTimersByTimeAsync(50);
    expect(monitor.state.interfaces.size).toBe(2);
    expect(monitor.health().reasons).toEqual([]);
    expect(events).toContain("interface-added eth0");
  });

  test("rejects with the signal's reason, and leaves nothing behind", async () => {
    const platform = openMemoryPlatform();
    platform.controls.setReadCost(1_000);
    const aborter = new AbortController();
    const starting = startMonitor(platform, {}, aborter.signal);
    const reason = new Error("enough");
    aborter.abort(reason);
    await expect(starting).rejects.toBe(reason);
    expect(platform.controls.openSources()).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("ends its timers and its source when it is disposed of or aborted", async () => {
    for (const end of ["dispose", "abort"] as const) {
      const platform = openMemoryPlatform();
      furnish(platform);
      const aborter = new AbortController();
      const monitor = await startMonitor(platform, {}, aborter.signal);
      platform.controls.ring({ kind: "interface", index: 2 });
      if (end === "abort") aborter.abort();
      await monitor[Symbol.asyncDispose]();
      expect(platform.controls.openSources()).toBe(0);
      expect(vi.getTimerCount()).toBe(0);
    }
  });
});

describe("refresh()", () => {
  test("resolves with the state that was read after the call", async () => {
    await using watched = await watch();
    watched.platform.controls.deafen(true);
    watched.platform.controls.setDefaults("ipv4", []);
    const state = await watched.monitor.refresh("request");
    expect(state.defaults.ipv4.effective).toBeNull();
    expect(watched.events).toMatchObject([{ kind: "default-changed", cause: "request" }]);
    expect(watched.monitor.counters().drift).toBe(0);
  });

  test("rejects when the read fails, and when the monitor ends", async () => {
    const watched = await watch();
    const error = new PlatformError("rejected", "read the links");
    watched.platform.controls.failReads(error);
    await expect(watched.monitor.refresh("request")).rejects.toBe(error);
    watched.platform.controls.setReadCost(1_000);
    const never = watched.monitor.refresh("request");
    const ended = expect(never).rejects.toThrow();
    await watched[Symbol.asyncDispose]();
    await ended;
    await expect(watched.monitor.refresh("request")).rejects.toThrow();
  });
});

test("onEvents() a listener that throws costs the others nothing", async () => {
  await using watched = await watch();
  const surfaced: unknown[] = [];
  const catcher = (error: unknown): void => void surfaced.push(error);
  const others = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", catcher);
  const mistake = new Error("mistake");
  const silence = watched.monitor.onEvents(() => {
    throw mistake;
  });
  const heard: string[] = [];
  watched.monitor.onEvents((events) => heard.push(...told(events)));
  watched.platform.controls.setDefaults("ipv4", []);
  await watched.pass(0);
  process.off("uncaughtException", catcher);
  for (const other of others) process.on("uncaughtException", other);
  expect(heard).toEqual(["default-changed ipv4"]);
  expect(surfaced).toEqual([mistake]);
  silence();
});

test("onHealth() calls back when what is wrong changes, and only then", async () => {
  await using watched = await watch();
  const { controls } = watched.platform;
  const told: (readonly string[])[] = [];
  const end = watched.monitor.onHealth(() => told.push(watched.monitor.health().reasons));
  await watched.pass(40_000);
  controls.failReads(new PlatformError("timeout", "read the links"));
  controls.setDefaults("ipv4", []);
  await watched.pass(5_000);
  expect(told).toEqual([[expect.stringContaining("cannot read the links: timeout")]]);
  controls.failReads(null);
  await watched.pass(10_000);
  expect(told.slice(1)).toEqual([[]]);
  controls.killSource();
  await watched.pass(1_000);
  expect(told.slice(2)).toEqual([[expect.stringContaining("socket-lost")], []]);
  end();
  controls.killSource();
  await watched.pass(1_000);
  expect(told).toHaveLength(4);
});

test("setInterfacePolicy() shows other kinds, and tells of them", async () => {
  await using watched = await watch();
  watched.monitor.setInterfacePolicy([], { "eth?": "tunnel" });
  await watched.pass(0);
  expect(watched.monitor.state.interfaces.get(2)?.kind).toBe("tunnel");
  expect(watched.events).toMatchObject([
    {
      kind: "interface-changed",
      changes: [{ field: "kind", before: "physical", after: "tunnel" }],
    },
  ]);
});
