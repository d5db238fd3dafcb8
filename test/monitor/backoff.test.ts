import { expect, test } from "vitest";
import { createBackoff } from "../../src/monitor/backoff.ts";

test("createBackoff() doubles up to the longest, and begins anew after reset()", () => {
  const backoff = createBackoff(50, 300, () => 0);
  expect([1, 2, 3, 4, 5].map(() => backoff.next())).toEqual([50, 100, 200, 300, 300]);
  backoff.reset();
  expect(backoff.next()).toBe(50);
});

test("createBackoff() shortens a delay by at most a quarter", () => {
  expect(createBackoff(100, 100, () => 1).next()).toBe(75);
});
