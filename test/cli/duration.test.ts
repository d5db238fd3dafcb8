import { expect, test } from "vitest";
import { formatAgo, formatDuration, formatRoughly, parseDuration } from "../../src/cli/duration.ts";

test.each([
  ["90s", 90_000],
  ["10m", 600_000],
  ["10min", 600_000],
  ["1h30m", 5_400_000],
  ["2d", 172_800_000],
  ["1.5h", 5_400_000],
  ["250ms", 250],
])("parseDuration() reads %s", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", "10", "m", "10x", "-5m", "1h 30m", "1h30", "10M", "1e3s"])(
  "parseDuration() refuses %j",
  (text) => {
    expect(parseDuration(text)).toBeNull();
  },
);

test.each([
  [0, "0 ms"],
  [450, "450 ms"],
  [12_000, "12 s"],
  [185_000, "3 min 5 s"],
  [180_000, "3 min"],
  [28_980_000, "8 h 3 min"],
  [190_800_000, "2 d 5 h"],
])("formatDuration() says %i ms in at most two units", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test("formatAgo() and formatRoughly() use one unit, rounded down", () => {
  expect([0, 999, 59_999, 60_000, 3_599_999, 86_399_999, 90_000_000].map(formatAgo)).toEqual([
    "just now",
    "just now",
    "59 s ago",
    "1 min ago",
    "59 min ago",
    "23 h ago",
    "1 d ago",
  ]);
  expect(formatRoughly(-5)).toBe("0 s");
});
