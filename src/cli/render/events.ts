import type { EventLine } from "../../admin-api/event-schema.ts";
import { formatDay, formatTimeOfDay } from "../clock-time.ts";
import type { Style } from "../palette.ts";
import { printable } from "../printable.ts";
import type { View } from "../session.ts";
import { type Line, paintLines, span, wrapLine } from "../styled-line.ts";
import { describeCause, describeEvent } from "./event-words.ts";

const marks: ReadonlyMap<string, readonly [mark: string, style: Style]> = new Map([
  ["effective", ["●", "accent"]],
  ["churn", ["·", "dim"]],
  ["health", ["!", "warn"]],
]);

/** One event: time of day, a mark for its severity, and what happened in plain words. */
export function renderEvent(event: EventLine, view: View): string {
  return paintLines(eventLines(printable(event), view), view.color);
}

/** The line that stands above the first event of a day. */
export function renderDay(time: string, view: View): string {
  return paintLines([[span(`── ${formatDay(time)} ──`, "dim")]], view.color);
}

/** Whether two times stand on the same local day. */
export function isSameDay(one: string | number, other: string | number): boolean {
  return formatDay(one) === formatDay(other);
}

function eventLines(event: EventLine, { columns }: View): Line[] {
  const [mark, markStyle] = marks.get(event.severity) ?? ["?", "plain"];
  const cause = describeCause(event);
  const text = describeEvent(event);
  const line = [
    span(formatTimeOfDay(event.time), "dim"),
    span(" "),
    span(mark, markStyle),
    span(" "),
    ...(event.severity === "churn" ? text.map((part) => span(part.text, "dim")) : text),
    span(cause === "" ? "" : `  (${cause})`, "dim"),
  ];
  const hanging = columns < 48 ? 2 : "00:00:00.000 ● ".length;
  return wrapLine(line, columns, hanging);
}
