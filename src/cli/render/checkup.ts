import type { Checkup, Finding } from "../../admin-api/checkup-schema.ts";
import type { Style } from "../palette.ts";
import { printable } from "../printable.ts";
import type { View } from "../session.ts";
import { type Line, paintLines, span, wrapLine } from "../styled-line.ts";

const marks: Readonly<Record<Finding["gravity"], readonly [string, Style]>> = {
  bad: ["✗", "bad"],
  warn: ["!", "warn"],
  note: ["·", "plain"],
};

/** `netwatch doctor`: how it stands, then a line for each finding with a line of what to do about it. */
export function renderCheckup(checkup: Checkup, { columns, color }: View): string {
  const { findings, healthy } = printable(checkup);
  const lines = [
    ...wrapLine(headline(findings, healthy), columns, 2),
    ...findings.flatMap(({ gravity, text, remedy }) => {
      const [mark, style] = marks[gravity];
      return [
        ...wrapLine([span(`${mark} ${text}`, style)], columns, 2),
        ...wrapLine([span(`  → ${remedy}`, gravity === "note" ? "dim" : "plain")], columns, 4),
      ];
    }),
  ];
  return paintLines(lines, color);
}

function headline(findings: Checkup["findings"], healthy: boolean): Line {
  const count = (gravity: Finding["gravity"]): number =>
    findings.filter((one) => one.gravity === gravity).length;
  if (healthy) return [span("ok", "good"), span(": nothing is wrong here for netwatch")];
  const parts = [
    ...(count("bad") === 0 ? [] : [`${count("bad")} wrong`]),
    ...(count("warn") === 0 ? [] : [`${count("warn")} to mend`]),
  ];
  return [span(parts.join(", "), count("bad") === 0 ? "warn" : "bad")];
}
