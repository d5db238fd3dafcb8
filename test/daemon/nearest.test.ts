import fc from "fast-check";
import { expect, test } from "vitest";
import { nearestWord } from "../../src/daemon/nearest.ts";

test("nearestWord() finds what was probably meant", () => {
  const keys = ["debounce_quiet_ms", "debounce_max_ms", "reconcile_ms", "probe_ms"];
  expect(nearestWord("debounce_quite_ms", keys)).toBe("debounce_quiet_ms");
  expect(nearestWord("debounceMaxMs", keys)).toBe("debounce_max_ms");
  expect(nearestWord("reconcile", keys)).toBe("reconcile_ms");
});

test("nearestWord() gives nothing when nothing is near", () => {
  expect(nearestWord("colour", ["debounce_quiet_ms", "probe_ms"])).toBe(null);
  expect(nearestWord("x", [])).toBe(null);
});

test("nearestWord() gives a known word itself", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1 }), (words) => {
      const lower = words.map((word) => word.toLowerCase());
      for (const word of lower) expect(nearestWord(word, lower)).toBe(word);
    }),
  );
});
