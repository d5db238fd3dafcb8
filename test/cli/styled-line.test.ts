import { test as propertyTest } from "@fast-check/vitest";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  flowParts,
  type Line,
  lineWidth,
  paintLines,
  span,
  truncateLine,
  wrapLine,
} from "../../src/cli/styled-line.ts";

const textOf = (lines: readonly Line[]): string[] =>
  lines.map((line) => line.map(({ text }) => text).join(""));
const words = fc.array(fc.string({ unit: fc.constantFrom(..."abcé日本👍 ́…") }), { maxLength: 8 });
const lines = words.map((texts): Line => texts.map((text) => span(text)));

test("wrapLine() breaks at spaces and indents what follows", () => {
  const line = [span("ipv4 default: ", "bold"), span("10.0.0.1 dev eth0 → none")];
  expect(textOf(wrapLine(line, 24, 3))).toEqual(["ipv4 default: 10.0.0.1", "   dev eth0 → none"]);
});

test("wrapLine() keeps a word together that changes its style half-way", () => {
  const line = [span("a "), span("eth", "bold"), span("0:", "dim"), span(" b")];
  expect(textOf(wrapLine(line, 5, 0))).toEqual(["a", "eth0:", "b"]);
});

test("wrapLine() cuts a word that no line could hold", () => {
  expect(textOf(wrapLine([span("2001:db8::1:2:3")], 8, 2))).toEqual([
    "2001:db8",
    "  ::1:2:",
    "  3",
  ]);
});

propertyTest.prop([lines, fc.integer({ min: 4, max: 40 }), fc.integer({ min: 0, max: 10 })])(
  "wrapLine() makes no line too wide and loses nothing but spaces",
  (line, width, indent) => {
    const wrapped = wrapLine(line, width, indent);
    expect(Math.max(...wrapped.map(lineWidth))).toBeLessThanOrEqual(width);
    const bare = (parts: readonly Line[]): string => textOf(parts).join("").replaceAll(" ", "");
    expect(bare(wrapped)).toBe(bare([line]));
  },
);

propertyTest.prop([lines, fc.integer({ min: 1, max: 30 })])(
  "truncateLine() fits, and says so when it cut",
  (line, width) => {
    const cut = truncateLine(line, width);
    expect(lineWidth(cut)).toBeLessThanOrEqual(width);
    if (lineWidth(line) > width) expect(textOf([cut])[0]).toMatch(/…$/);
    else expect(cut).toEqual(line);
  },
);

test("flowParts() breaks between parts, and within one only when it is too long", () => {
  const parts = ["14 events", "", "drift 0", "a very long part indeed"].map((text) => [span(text)]);
  expect(textOf(flowParts(parts, span(" · "), 20, 2))).toEqual([
    "14 events · drift 0",
    "  a very long part",
    "  indeed",
  ]);
  expect(textOf(flowParts(parts, span(" · "), Number.POSITIVE_INFINITY, 2))).toEqual([
    "14 events · drift 0 · a very long part indeed",
  ]);
});

test("paintLines() ends each line, without spaces before the end, coloured only when asked", () => {
  const line = [span("ok", "good"), span("  "), span("", "bad"), span(" ", "dim")];
  expect(paintLines([line, []], false)).toBe("ok\n\n");
  expect(paintLines([line], true)).toBe("\u001b[32mok\u001b[39m\n");
});
