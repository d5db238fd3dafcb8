import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watch } from "./watch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("an idle monitor has one timer, and wakes every 15 s", async () => {
  await using watched = await watch();
  expect(vi.getTimerCount()).toBe(1);
  const reads = watched.platform.controls.readCounts();
  await watched.pass(300_000);
  expect(watched.platform.controls.readCounts().all - reads.all).toBe(20);
  expect(vi.getTimerCount()).toBe(1);
});
