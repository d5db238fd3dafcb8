import type { Address, Interface } from "../../admin-api/status-schema.ts";
import { formatRoughly } from "../duration.ts";
import { printable } from "../printable.ts";
import type { View } from "../session.ts";
import { paintLines, span, wrapLine } from "../styled-line.ts";
import { layOutTable } from "../terminal-table.ts";
import {
  addressLine,
  describeAddress,
  describeState,
  isContainerChurn,
} from "./interface-words.ts";

const listColumns = [
  { title: "INTERFACE" },
  { title: "KIND", dropOrder: 3 },
  { title: "STATE" },
  { title: "MTU", align: "right", dropOrder: 2 },
  { title: "MAC", dropOrder: 1 },
  { title: "ADDRESSES" },
] as const;

/** `netwatch interfaces`: one row each; containers' ends without a reachable address only when `all`. */
export function renderInterfaces(
  interfaces: readonly Interface[],
  { all }: { readonly all: boolean },
  view: View,
): string {
  const known = printable(interfaces);
  const shown = all ? known : known.filter((one) => !isContainerChurn(one, new Set()));
  const hidden = known.length - shown.length;
  const rows = shown.map((one) => {
    const state = describeState(one);
    return [
      [span(one.name, "bold")],
      [span(one.kind, "dim")],
      [span(state.text, state.style)],
      [span(String(one.mtu), "dim")],
      [span(one.mac ?? "", "dim")],
      addressLine(one.addresses),
    ];
  });
  const lines = rows.length === 0 ? [] : layOutTable({ columns: listColumns, rows }, view.columns);
  if (hidden > 0) {
    const noun = `container interface${hidden === 1 ? "" : "s"}`;
    const more = `… and ${hidden} ${noun}: netwatch interfaces --all`;
    lines.push(...wrapLine([span(more, "dim")], view.columns, 2));
  }
  return paintLines(lines, view.color);
}

/** `netwatch interfaces NAME`: everything about one. */
export function renderInterface(one: Interface, view: View): string {
  const shown = printable(one);
  const state = describeState(shown);
  const head = [
    span(shown.name, "bold"),
    span("  "),
    span(state.text, state.style),
    span(`  ${shown.kind}`, "dim"),
  ];
  const rows = [
    ["index", String(shown.index), generation(shown)],
    ["mtu", String(shown.mtu), ""],
    ["mac", shown.mac ?? "none", ""],
    ...shown.addresses.map((address, at) => [
      at === 0 ? "addresses" : "",
      describeAddress(address),
      describeLife(address, view.now),
    ]),
    ...(shown.addresses.length === 0 ? [["addresses", "none", ""]] : []),
  ].map(([name = "", value = "", note = ""]) => [
    [span(`  ${name}`, "dim")],
    [span(value)],
    [span(note, "dim")],
  ]);
  const table = layOutTable({ columns: factColumns, rows }, view.columns);
  return paintLines([...wrapLine(head, view.columns, 2), ...table], view.color);
}

const factColumns = [{ title: "" }, { title: "" }, { title: "" }];

function describeLife(address: Address, now: number): string {
  const { family, scope, flags, validUntil } = address;
  const words = [family, scope, ...flags.filter((flag) => flag !== "permanent")];
  if (validUntil === null) return words.join(", ");
  const left = Date.parse(validUntil) - now;
  return [...words, left <= 0 ? "no longer valid" : `for ${formatRoughly(left)}`].join(", ");
}

function generation({ generation: count }: Interface): string {
  return count > 1 ? `device number ${count} of this name` : "";
}
