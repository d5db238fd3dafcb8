import { type Line, lineWidth, padLine, span, truncateLine, wrapLine } from "./styled-line.ts";

interface Column {
  /** Shown above the column; a table whose titles are all empty has no heading. */
  readonly title: string;
  readonly align?: "left" | "right";
  /** Which goes first when the terminal is too narrow: 1 before 2. Without it the column stays. */
  readonly dropOrder?: number;
}

export interface Table {
  /** The last one flows: its cells are wrapped into what is left of the line. */
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Line[])[];
}

const gap = 2;
const comfortableFlow = 24;
const narrowestFlow = 8;
const narrowestColumn = 4;

/** Aligned lines, none wider than asked (from 20 on) and none wider than its content needs. */
export function layOutTable({ columns, rows }: Table, width: number): Line[] {
  const naturals = columns.map(({ title }, at) =>
    Math.max(title.length, ...rows.map((row) => lineWidth(row[at] ?? []))),
  );
  const flow = columns.length - 1;
  const kept = keptColumns(columns, naturals, width);
  const fixed = kept.filter((at) => at !== flow);
  const widths = new Map(fixed.map((at) => [at, naturals[at] ?? 0]));
  const used = (): number => [...widths.values()].reduce((sum, one) => sum + one + gap, 0);
  const flowWanted = kept.includes(flow) ? Math.min(naturals[flow] ?? 0, narrowestFlow) : -gap;
  while (used() + flowWanted > width) {
    const [widest] = [...widths].sort((a, b) => b[1] - a[1]);
    if (widest === undefined || widest[1] <= narrowestColumn) break;
    widths.set(widest[0], widest[1] - 1);
  }
  const flowWidth = Math.max(1, width - used());

  const layOutRow = (cells: readonly Line[]): Line[] => {
    const start = fixed.flatMap((at) => {
      const room = widths.get(at) ?? 0;
      const cell = truncateLine(cells[at] ?? [], room);
      return [...padLine(cell, room, columns[at]?.align ?? "left"), span(" ".repeat(gap))];
    });
    if (!kept.includes(flow)) return [start];
    return wrapLine(cells[flow] ?? [], flowWidth, 0).map((line, at) =>
      at === 0 ? [...start, ...line] : [span(" ".repeat(used())), ...line],
    );
  };
  const heading = columns.map(({ title }) => [span(title, "dim")]);
  const titled = columns.some(({ title }) => title !== "");
  return [...(titled ? [heading] : []), ...rows].flatMap(layOutRow);
}

/** Columns that hold anything and for which there is room, by number. */
function keptColumns(
  columns: readonly Column[],
  naturals: readonly number[],
  width: number,
): number[] {
  const flow = columns.length - 1;
  const hasContent = (at: number): boolean => (naturals[at] ?? 0) > 0;
  let kept = columns.map((_, at) => at).filter(hasContent);
  const flowNeeds = Math.min(naturals[flow] ?? 0, comfortableFlow);
  const needs = (): number =>
    kept.reduce((sum, at) => sum + (at === flow ? flowNeeds : (naturals[at] ?? 0)) + gap, -gap);
  const dropOrder = (at: number): number => columns[at]?.dropOrder ?? Number.POSITIVE_INFINITY;
  while (needs() > width) {
    const [first] = [...kept].sort((a, b) => dropOrder(a) - dropOrder(b));
    if (first === undefined || dropOrder(first) === Number.POSITIVE_INFINITY) break;
    kept = kept.filter((at) => at !== first);
  }
  return kept;
}
