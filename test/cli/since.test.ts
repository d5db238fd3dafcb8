import { expect, test } from "vitest";
import { resolveSince } from "../../src/cli/since.ts";

const now = Date.parse("2026-03-03T12:30:00.000Z");

test.each([
  ["1234", "1234"],
  ["10m", "2026-03-03T12:20:00.000Z"],
  ["1d", "2026-03-02T12:30:00.000Z"],
  ["2026-03-03T01:02:03+01:00", "2026-03-03T00:02:03.000Z"],
  ["2026-03-03", "2026-03-03T00:00:00.000Z"],
])("resolveSince() makes %s into %s", (text, since) => {
  expect(resolveSince(text, now)).toBe(since);
});

test.each(["", "soon", "10x", "-1", "2026-99-99", "999999999d"])(
  "resolveSince() refuses %j as a wrong use, with examples",
  (text) => {
    expect(() => resolveSince(text, now)).toThrow(
      expect.objectContaining({ code: "usage", exitCode: 2, hint: expect.stringContaining("10m") }),
    );
  },
);
