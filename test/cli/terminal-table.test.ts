import { test as propertyTest } from "@fast-check/vitest";
import fc from "fast-check";
import { expect, test } from "vitest";
import { lineWidth, paintLines, span } from "../../src/cli/styled-line.ts";
import { layOutTable } from "../../src/cli/terminal-table.ts";

const columns = [
  { title: "NAME" },
  { title: "KIND", dropOrder: 2 },
  { title: "MTU", align: "right", dropOrder: 1 },
  { title: "ADDRESSES" },
] as const;
const cells = (...texts: readonly string[]) => texts.map((text) => [span(text)]);
const rows = [
  cells("eth0", "physical", "1500", "10.0.0.5/24 2001:db8::5/64"),
  cells("a-long-name-123", "wireless", "65536", ""),
];
const show = (width: number): string => paintLines(layOutTable({ columns, rows }, width), false);

test("layOutTable() aligns, and does not stretch", () => {
  const wide = `\
NAME             KIND        MTU  ADDRESSES
eth0             physical   1500  10.0.0.5/24 2001:db8::5/64
a-long-name-123  wireless  65536
`;
  expect(show(80)).toBe(wide);
  expect(show(Number.POSITIVE_INFINITY)).toBe(wide);
});

test("layOutTable() drops columns in their order, then wraps the last, then shortens", () => {
  expect(show(55)).toBe(`\
NAME             KIND      ADDRESSES
eth0             physical  10.0.0.5/24 2001:db8::5/64
a-long-name-123  wireless
`);
  expect(show(42)).toBe(`\
NAME             ADDRESSES
eth0             10.0.0.5/24
                 2001:db8::5/64
a-long-name-123
`);
  expect(show(20)).toBe(`\
NAME        ADDRESSE
            S
eth0        10.0.0.5
            /24
            2001:db8
            ::5/64
a-long-na…
`);
});

test("layOutTable() leaves out a column without a title and without content", () => {
  const table = {
    columns: [{ title: "" }, { title: "" }, { title: "" }],
    rows: [cells("a", "", "b")],
  };
  expect(paintLines(layOutTable(table, 80), false)).toBe("a  b\n");
});

const anyRows = fc.array(fc.tuple(...columns.map(() => fc.string({ maxLength: 40 }))));

propertyTest.prop([anyRows, fc.integer({ min: 20, max: 200 })])(
  "layOutTable() makes no line wider than asked",
  (texts, width) => {
    const table = { columns, rows: texts.map((row) => cells(...row)) };
    for (const line of layOutTable(table, width)) {
      expect(lineWidth(line)).toBeLessThanOrEqual(width);
    }
  },
);
