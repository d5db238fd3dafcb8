import { test as propertyTest } from "@fast-check/vitest";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createHistogram } from "../../src/monitor/histogram.ts";

test("createHistogram() counts each value once, in the first bound that holds it", () => {
  const histogram = createHistogram([1, 10]);
  for (const value of [0.5, 1, 1.5, 10, 11, 1_000]) histogram.observe(value);
  expect(histogram.spread()).toEqual({ bounds: [1, 10], counts: [2, 2, 2], sum: 1_024 });
});

propertyTest.prop([fc.array(fc.nat())])("createHistogram() loses no value", (values) => {
  const histogram = createHistogram([1, 100, 10_000]);
  for (const value of values) histogram.observe(value);
  const { counts, sum } = histogram.spread();
  expect(counts.reduce((total, count) => total + count, 0)).toBe(values.length);
  expect(sum).toBe(values.reduce((total, value) => total + value, 0));
});
