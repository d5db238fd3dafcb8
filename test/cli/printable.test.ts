import { test as propertyTest } from "@fast-check/vitest";
import fc from "fast-check";
import { expect, test } from "vitest";
import { printable, printableJson, printableText } from "../../src/cli/printable.ts";

test("printableText() writes out what a terminal acts on, and keeps letters of any script", () => {
  expect(printableText("eth0")).toBe("eth0");
  expect(printableText("\u001b[2Jeth0\u0007")).toBe("\\u{1b}[2Jeth0\\u{7}");
  expect(printableText("\u009b31m")).toBe("\\u{9b}31m");
  expect(printableText("a\u202eb")).toBe("a\\u{202e}b");
  expect(printableText("日本é…")).toBe("日本é…");
});

propertyTest.prop([fc.string({ unit: "binary" })])(
  "printableText() leaves no control, format or line character",
  (text) => {
    expect(printableText(text)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  },
);

test("printable() reaches every string of a value, keys included, and keeps the rest", () => {
  const value = { "a\n": ["b\t", 1, null, true, { c: "\u001b" }] };
  expect(printable(value)).toEqual({ "a\\u{a}": ["b\\u{9}", 1, null, true, { c: "\\u{1b}" }] });
});

propertyTest.prop([fc.jsonValue()])(
  "printableJson() is one line that means the same and holds no control character",
  (value) => {
    const line = printableJson(value);
    expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(value)));
    expect(line).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
  },
);

test("printableJson() escapes what JSON.stringify() lets through", () => {
  expect(printableJson("\u009b\u202e")).toBe('"\\u009b\\u202e"');
});
