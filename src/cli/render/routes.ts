import type { Candidate, Default } from "../../admin-api/route-schema.ts";
import type { Routes } from "../../admin-api/status-schema.ts";
import { formatAgo } from "../duration.ts";
import { printable } from "../printable.ts";
import type { View } from "../session.ts";
import { type Line, paintLines, span } from "../styled-line.ts";
import { layOutTable } from "../terminal-table.ts";
import {
  describeExtras,
  describeLoss,
  describeOwner,
  describeRoute,
  describeTable,
  describeWait,
  winnersOf,
} from "./route-words.ts";

/** What is shown; a daemon that looks after no routes knows of no last known good ones. */
type ShownRoutes = Omit<Routes, "lastKnownGood"> & Partial<Pick<Routes, "lastKnownGood">>;

/** `netwatch routes list`: every default of each family with why it carries packets or not. */
export function renderRoutes(routes: ShownRoutes, view: View): string {
  const shown = printable(routes);
  const sections = [
    ...(["ipv4", "ipv6"] as const).map((family) => familyLines(family, shown, view)),
    scopedLines(shown, view),
    displacedLines(shown, view),
    knownLines(shown, view),
  ];
  const lines = sections
    .filter((section) => section.length > 0)
    .flatMap((section, at) => (at === 0 ? section : [[], ...section]));
  return paintLines(lines, view.color);
}

function familyLines(
  family: "ipv4" | "ipv6",
  { defaults, ownProtocol }: ShownRoutes,
  { columns, now }: View,
): Line[] {
  const { effective, candidates } = defaults[family];
  const winners = winnersOf(effective, candidates);
  const losers = candidates.filter(({ lostBecause }) => lostBecause !== null);
  if (winners.length + losers.length === 0)
    return [[span(`${family}  `), span("no default", "dim")]];
  const rowOf = (route: Default, verdict: Line, style: "bold" | "dim"): Line[] =>
    routeRow(route, verdict, style, ownProtocol, now);
  const rows = [
    ...winners.map((route) => rowOf(route, verdictOfWinner(route), "bold")),
    ...losers.map((route) => rowOf(route, verdictOfLoser(route), "dim")),
  ];
  return layOutTable(
    {
      columns: [
        { title: family.toUpperCase() },
        { title: "METRIC", align: "right", dropOrder: 3 },
        { title: "OWNER", dropOrder: 2 },
        { title: "TABLE", dropOrder: 1 },
        { title: "VERDICT" },
      ],
      rows,
    },
    columns,
  );
}

function routeRow(
  route: Default,
  verdict: Line,
  style: "bold" | "dim",
  ownProtocol: string,
  now: number,
): Line[] {
  const rest = style === "dim" ? style : "plain";
  const extras = describeExtras(route, now);
  return [
    [span(describeRoute(route), style)],
    [span(String(route.metric), rest)],
    [span(describeOwner(route, ownProtocol), rest)],
    [span(describeTable(route), rest)],
    [...verdict, span(extras.length === 0 ? "" : ` · ${extras.join(" · ")}`, "dim")],
  ];
}

function verdictOfWinner(route: Default): Line {
  if (route.type !== "unicast") return [span("chosen: refuses packets", "bad")];
  if (route.linkdown) return [span("chosen, but has no carrier", "bad")];
  if (route.via === "default") return [span("chosen", "good")];
  return [
    span("chosen", "good"),
    span(route.via === "rule" ? " by a rule" : ": one part of a split"),
  ];
}

function verdictOfLoser({ lostBecause }: Candidate): Line {
  return [span(describeLoss(lostBecause ?? ""), "dim")];
}

function scopedLines({ scoped }: ShownRoutes, { columns }: View): Line[] {
  if (scoped.length === 0) return [];
  const rows = scoped.map(({ interface: name, family, gateway, state, adopted, reason }) => [
    [span(name, "bold")],
    [span(family)],
    [span(describeLeave(gateway, state))],
    [span(stands(state) ? "netwatch" : "")],
    [
      span(state, state === "installed" ? "good" : "warn"),
      span(adopted ? " (adopted)" : "", "dim"),
      span(reason === null ? "" : `: ${reason}`),
    ],
  ]);
  return layOutTable(
    {
      columns: [
        { title: "BOUND TO" },
        { title: "FAMILY" },
        { title: "LEAVES" },
        { title: "OWNER", dropOrder: 1 },
        { title: "STATE" },
      ],
      rows,
    },
    columns,
  );
}

type ScopedState = ShownRoutes["scoped"][number]["state"];

function stands(state: ScopedState): boolean {
  return state === "installed" || state === "degraded";
}

function describeLeave(gateway: string | null, state: ScopedState): string {
  if (gateway !== null) return `via ${gateway}`;
  return stands(state) ? "on the link" : "–";
}

function displacedLines({ displaced, ownProtocol }: ShownRoutes, { columns, now }: View): Line[] {
  if (displaced.length === 0) return [];
  const rows = displaced.map(({ route, since, by, state, reason }) => [
    [span(describeRoute(route))],
    [span(describeOwner(route, ownProtocol))],
    [
      span("displaced", state === "pending" ? "plain" : "warn"),
      span(by === null ? "" : ` by ${by}`),
      span(` ${formatAgo(now - Date.parse(since))}`, "dim"),
      ...(state === "pending" ? [span("; "), span("waits to be put back", "warn")] : []),
      // What an older netwatchd does not tell.
      span(typeof reason === "string" ? `: ${describeWait(reason)}` : ""),
    ],
  ]);
  const titles = [{ title: "DISPLACED" }, { title: "OWNER", dropOrder: 1 }, { title: "STATE" }];
  return layOutTable({ columns: titles, rows }, columns);
}

function knownLines({ lastKnownGood, ownProtocol }: ShownRoutes, { columns }: View): Line[] {
  const { ipv4 = null, ipv6 = null } = lastKnownGood ?? {};
  const rows = [ipv4, ipv6].flatMap((route) =>
    route === null
      ? []
      : [
          [
            [span(route.family)],
            [span(describeRoute(route))],
            [span(describeOwner(route, ownProtocol), "dim")],
          ],
        ],
  );
  if (rows.length === 0) return [];
  const columnsOf = [{ title: "LAST KNOWN GOOD" }, { title: "DEFAULT" }, { title: "OWNER" }];
  return layOutTable({ columns: columnsOf, rows }, columns);
}
