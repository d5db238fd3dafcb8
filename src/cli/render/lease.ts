import type { LeaseBinding, LeaseLine } from "../../admin-api/lease-schema.ts";
import type { Style } from "../palette.ts";
import { printable } from "../printable.ts";
import { type Line, paintLines, span } from "../styled-line.ts";

/** What a lease gives or what became of it, for a person: one line for each binding that it tells of. */
export function renderLeaseLine(line: LeaseLine, color: boolean): string {
  const shown = printable(line);
  if (shown.kind === "released")
    return paintLines([[span("lease ended", "bad"), span(`: ${shown.reason}`)]], color);
  const told =
    shown.kind === "granted"
      ? shown.bindings
      : shown.bindings.filter(({ family }) => family === shown.family);
  return paintLines(
    told.map((binding): Line => {
      const what = shown.kind === "granted" ? describeBinding(binding) : changed(binding, shown);
      return [span(binding.family, "bold"), span(" "), what];
    }),
    color,
  );
}

function changed(binding: LeaseBinding, { reason }: { readonly reason: string }): Line[number] {
  const { text, style } = describeBinding({ ...binding, reason: null });
  return span(`${text} (${reason})`, style);
}

function describeBinding({
  state,
  reason,
  interface: name,
  gateway,
  table,
}: LeaseBinding): Line[number] {
  const way = gateway === null ? "" : ` via ${gateway}`;
  const where = table === null || table === 254 ? "" : `, table ${table}`;
  const why = reason === null ? "" : ` (${reason})`;
  return span(`${name ?? "no interface"}${way}${where}: ${state}${why}`, styles[state]);
}

const styles: Readonly<Record<LeaseBinding["state"], Style>> = {
  ready: "good",
  stale: "warn",
  lost: "bad",
  blocked: "bad",
  outranked: "warn",
  shadowed: "warn",
  covered: "warn",
};
