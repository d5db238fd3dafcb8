import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { watch } from "./watch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("wake", () => {
  const sleep = (watched: Awaited<ReturnType<typeof watch>>, sleptMs: number): void => {
    const { awakeMs, totalMs } = watched.platform.uptime();
    watched.platform.controls.setUptime({ awakeMs, totalMs: totalMs + sleptMs });
  };

  test("is told even when nothing else changed, at the next tick", async () => {
    await using watched = await watch();
    sleep(watched, 3_600_000);
    await watched.pass(15_100);
    expect(watched.events).toEqual([
      { kind: "wake", severity: "health", cause: "wake", sleptMs: 3_600_000 },
    ]);
    await watched.pass(60_000);
    expect(watched.events).toHaveLength(1);
  });

  test("is noticed with the first message, and what it hid has the cause wake", async () => {
    await using watched = await watch();
    const { controls } = watched.platform;
    sleep(watched, 10_000);
    controls.deafen(true);
    controls.setDefaults("ipv4", []);
    controls.deafen(false);
    controls.ring({ kind: "interface", index: 1 });
    await watched.pass(0);
    expect(watched.events).toMatchObject([
      { kind: "wake", sleptMs: 10_000 },
      { kind: "default-changed", cause: "wake" },
    ]);
    expect(watched.monitor.counters()).toMatchObject({ drift: 0, wakes: 1 });
  });

  test("is not a step of the wall clock", async () => {
    await using watched = await watch();
    vi.setSystemTime(Date.now() + 86_400_000);
    await watched.pass(20_000);
    expect(watched.events).toEqual([]);
  });
});
