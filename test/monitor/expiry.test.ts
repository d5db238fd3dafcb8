import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { memoryDefault } from "../platform/memory/memory-host.ts";
import { furnish, watch } from "./watch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a default's lifetime arms a re-read of its family; the expiry is no drift", async () => {
  await using watched = await watch((platform) => {
    furnish(platform);
    platform.controls.setDefaults("ipv6", [
      memoryDefault("fe80::1", 2, { protocol: "ra", expiresAt: Date.now() + 8_000 }),
    ]);
  });
  const reads = watched.platform.controls.readCounts();
  await watched.pass(7_900);
  expect(watched.platform.controls.readCounts()).toEqual(reads);
  await watched.pass(300);
  expect(watched.platform.controls.readCounts()).toMatchObject({
    all: reads.all,
    defaults: reads.defaults + 1,
  });
  expect(watched.events).toMatchObject([
    { kind: "default-changed", family: "ipv6", cause: "reconcile", after: null },
  ]);
  expect(watched.monitor.state.defaults.ipv6.candidates).toMatchObject([
    { lostBecause: "expired" },
  ]);
  expect(watched.monitor.counters().drift).toBe(0);
});

test("a read of another door just after the end does not disarm the re-read", async () => {
  await using watched = await watch((platform) => {
    furnish(platform);
    platform.controls.setDefaults("ipv6", [
      memoryDefault("fe80::1", 2, { protocol: "ra", expiresAt: Date.now() + 8_000 }),
    ]);
  });
  await watched.pass(8_050);
  watched.platform.controls.ring({ kind: "interface", index: 1 });
  await watched.pass(300);
  expect(watched.monitor.state.defaults.ipv6.effective).toBeNull();
});

test("a lifetime that slides is replaced silently", async () => {
  await using watched = await watch();
  const { controls } = watched.platform;
  const route = memoryDefault("fe80::1", 2, { metric: 1024 });
  controls.setDefaults("ipv6", [{ ...route, expiresAt: Date.now() + 90_000 }]);
  await watched.pass(1_000);
  const expiresAt = Date.now() + 180_000;
  controls.setDefaults("ipv6", [{ ...route, expiresAt }]);
  await watched.pass(1_000);
  expect(watched.events).toEqual([]);
  expect(watched.monitor.state.defaults.ipv6.effective?.route.expiresAt).toBe(expiresAt);
});
