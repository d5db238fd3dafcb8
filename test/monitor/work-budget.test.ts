import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createWorkBudget } from "../../src/monitor/work-budget.ts";
import { memoryDefault } from "../platform/memory/memory-host.ts";
import { watch } from "./watch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the work budget", () => {
  test.each([
    { costMs: 10, everyMs: 3 },
    { costMs: 100, everyMs: 201 },
    { costMs: 400, everyMs: 50 },
  ])("a storm of $everyMs ms over reads of $costMs ms stays within 5 %", async (storm) => {
    await using watched = await watch();
    const { controls } = watched.platform;
    await watched.pass(60_000);
    controls.setReadCost(storm.costMs);
    const before = controls.readCounts();
    let metric = 0;
    const noise = setInterval(() => {
      metric += 1;
      controls.setDefaults("ipv4", [memoryDefault("10.0.0.1", 2, { metric })]);
    }, storm.everyMs);
    await watched.pass(60_000);
    const during = controls.readCounts();
    const reads = during.all + during.doors - before.all - before.doors;
    // The read that takes the last of the budget may overdraw it.
    expect(reads * storm.costMs).toBeLessThanOrEqual(3_000 + storm.costMs);
    expect(reads).toBeGreaterThan(3);
    clearInterval(noise);
    await watched.pass(60_000);
    expect(watched.monitor.state.defaults.ipv4.effective?.route.metric).toBe(metric);
    expect(watched.monitor.counters().drift).toBe(0);
  });

  test("lets a resync through a storm of hints", async () => {
    await using watched = await watch();
    const { controls } = watched.platform;
    controls.setReadCost(100);
    const noise = setInterval(() => controls.ring({ kind: "interface", index: 2 }), 10);
    await watched.pass(30_000);
    const before = controls.readCounts().all;
    controls.overflow();
    await watched.pass(10_000);
    clearInterval(noise);
    expect(controls.readCounts().all).toBeGreaterThan(before);
  });
});

describe("createWorkBudget()", () => {
  const options = { share: 0.05, burstMs: 200, longestWaitMs: 60_000 };

  test("lets a quiet host spend the burst at once, then makes it wait", () => {
    const budget = createWorkBudget(options, 0);
    budget.spend(199, 0);
    expect(budget.readyAt(0)).toBe(0);
    budget.spend(15, 0);
    // 14 ms of debt at (0.05 - 200/60000) ms for each ms.
    expect(budget.readyAt(0)).toBeCloseTo(300);
    expect(budget.readyAt(300)).toBeCloseTo(300);
  });

  test("saves no more than the burst", () => {
    const budget = createWorkBudget(options, 0);
    expect(budget.readyAt(3_600_000)).toBe(3_600_000);
    budget.spend(214, 3_600_000);
    expect(budget.readyAt(3_600_000)).toBeCloseTo(3_600_300);
  });

  test("puts off the next read by a minute at most, however dear the last one", () => {
    const budget = createWorkBudget(options, 0);
    budget.spend(1_000_000, 0);
    expect(budget.readyAt(0)).toBeCloseTo(60_000);
  });
});
