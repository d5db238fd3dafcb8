import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One line of the table: what was measured, what it should be, what it was. */
export interface BenchRow {
  readonly subject: string;
  readonly target: string;
  readonly measured: string;
}

const rowsVariable = "NETWATCH_BENCH_ROWS";

/** Adds a row to the table that is printed when all measurements are done. */
export function report(row: BenchRow): void {
  const file = process.env[rowsVariable];
  if (file === undefined) throw new Error("the bench table is not set up: run npm run bench");
  appendFileSync(file, `${JSON.stringify(row)}\n`);
}

/** Opens the table; the function that it returns prints it. */
export function setup(): () => void {
  const directory = mkdtempSync(join(tmpdir(), "netwatch-bench-"));
  const file = join(directory, "rows");
  appendFileSync(file, "");
  process.env[rowsVariable] = file;
  return () => {
    const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
    printTable(lines.map((line) => JSON.parse(line) as BenchRow));
    rmSync(directory, { recursive: true });
  };
}

function printTable(rows: readonly BenchRow[]): void {
  const columns = ["subject", "target", "measured"] as const;
  const widths = columns.map((column) =>
    Math.max(column.length, ...rows.map((row) => row[column].length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd();
  const text = [
    line(columns),
    line(widths.map((width) => "-".repeat(width))),
    ...rows.map((row) => line(columns.map((column) => row[column]))),
  ];
  process.stdout.write(`\n${text.join("\n")}\n\n`);
}

/** The value that `share` of the samples do not exceed. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
