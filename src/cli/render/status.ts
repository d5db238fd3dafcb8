import type { Interface, Status } from "../../admin-api/status-schema.ts";
import { formatAgo, formatRoughly } from "../duration.ts";
import { printable } from "../printable.ts";
import type { View } from "../session.ts";
import { flowParts, type Line, lineWidth, paintLines, span, wrapLine } from "../styled-line.ts";
import { layOutTable } from "../terminal-table.ts";
import {
  addressLine,
  describeState,
  interfacesOfDefaults,
  isContainerChurn,
} from "./interface-words.ts";
import { findProblems, isKnown } from "./problems.ts";
import {
  describeLoss,
  describeMetric,
  describeOwner,
  describePrefix,
  describeWay,
  describeWin,
  winnersOf,
} from "./route-words.ts";

/** `netwatch status`: first what is wrong, then the defaults, the interfaces that matter, and the counters. */
export function renderStatus(status: Status, view: View): string {
  const shown = printable(status);
  const blocks = [
    [...problemLines(shown, view)],
    [...defaultLines(shown, view), ...scopedLines(shown, view)],
    leaseLines(shown, view),
    interfaceLines(shown, view),
    flowParts(counters(shown, view), span(" · ", "dim"), view.columns, 2),
  ];
  const lines = blocks
    .filter((block) => block.length > 0)
    .flatMap((block, at) => (at === 0 ? block : [[], ...block]));
  return paintLines(lines, view.color);
}

function problemLines(status: Status, { columns, now }: View): Line[] {
  const { version, mode, startedAt } = status.daemon;
  const problems = findProblems(status);
  const running = formatRoughly(now - Date.parse(startedAt));
  const about = `netwatchd ${version} ${mode === "observe" ? "only watches" : "looks after routes"}, running for ${running}`;
  if (problems.length === 0) {
    return wrapLine([span("ok", "good"), span("  "), span(about, "dim")], columns, 4);
  }
  return problems.flatMap(({ gravity, text }) =>
    wrapLine([span(gravity === "bad" ? "✗" : "!", gravity), span(` ${text}`, gravity)], columns, 2),
  );
}

function defaultLines(status: Status, { columns }: View): Line[] {
  const rows = (["ipv4", "ipv6"] as const).flatMap((family) =>
    rowsOfFamily(family, status, isKnown(status)),
  );
  const table = layOutTable({ columns: defaultColumns, rows }, Number.POSITIVE_INFINITY);
  if (table.every((line) => lineWidth(line) <= columns)) return table;
  return rows.flatMap(([family = [], ...parts]) => {
    const lead = lineWidth(family) === 0 ? [span("    ")] : family;
    const [route = [], ...rest] = parts.map(withoutIndent);
    return flowParts([[...lead, span("  "), ...route], ...rest], span("  "), columns, 8);
  });
}

const defaultColumns = [{ title: "" }, { title: "" }, { title: "" }, { title: "" }, { title: "" }];

/** @param known false when nothing could be read yet */
function rowsOfFamily(
  family: "ipv4" | "ipv6",
  { defaults, ownProtocol }: Status,
  known: boolean,
): Line[][] {
  const { effective, candidates } = defaults[family];
  const winners = winnersOf(effective, candidates);
  const chosen = winners.map((route): Line[] => {
    const refuses = route.type !== "unicast" || route.linkdown;
    return [
      [span(`${describePrefix(route)} `), span(describeWay(route), refuses ? "bad" : "bold")],
      [span(describeMetric(route))],
      [span(describeOwner(route, ownProtocol))],
      [span(describeWin(route), "accent")],
    ];
  });
  const losers = candidates.flatMap((route): Line[][] => {
    if (route.lostBecause === null) return [];
    const prefix = describePrefix(route);
    // Under the winner's "default", so that the gateways stand below each other.
    const lead = prefix === "default" ? " ".repeat("default ".length) : `${prefix} `;
    return [
      [
        [span(`${lead}${describeWay(route)}`, "dim")],
        [span(describeMetric(route), "dim")],
        [span(describeOwner(route, ownProtocol), "dim")],
        [span(describeLoss(route.lostBecause), "dim")],
      ],
    ];
  });
  const none: Line[][] =
    chosen.length === 0 ? [[[span(known ? "no default" : "unknown", "dim")], [], [], []]] : [];
  return [...none, ...chosen, ...losers].map((cells, at) => [
    at === 0 ? [span(family)] : [],
    ...cells,
  ]);
}

/** What stands for bound sockets; what does not stand as it should is among the problems. */
function scopedLines({ scoped }: Status, { columns }: View): Line[] {
  const standing = scoped.filter(({ state }) => state === "installed" || state === "degraded");
  const names = [...new Set(standing.map((one) => one.interface))].map((name) => {
    const families = standing.filter((one) => one.interface === name).map(({ family }) => family);
    return `${name} (${families.join(", ")})`;
  });
  if (names.length === 0) return [];
  const text = `sockets bound to ${names.join(", ")} leave there, whatever the default`;
  return wrapLine([span(text, "dim")], columns, 2);
}

function leaseLines({ leases }: Status, { columns, now }: View): Line[] {
  const rows = leases.map(({ owner, wish, since, connected, endsAt, bindings }) => {
    const bad = bindings.find(({ state }) => state !== "ready");
    const state = bad === undefined ? "ready" : bad.state;
    const leftMs = endsAt === null ? 0 : Date.parse(endsAt) - now;
    const alone = connected
      ? ""
      : `, its holder is away, ends in ${formatRoughly(Math.max(0, leftMs))}`;
    return [
      [span(owner.command ?? `user ${owner.uid}`, "bold"), span(` (pid ${owner.pid})`, "dim")],
      [span(wish)],
      [span(`${state}${alone}`, state === "ready" && connected ? "good" : "warn")],
      [span(formatAgo(now - Date.parse(since)), "dim")],
    ];
  });
  return rows.length === 0 ? [] : layOutTable({ columns: leaseColumns, rows }, columns);
}

const leaseColumns = [
  { title: "LEASE" },
  { title: "WISH" },
  { title: "STATE" },
  { title: "SINCE", dropOrder: 1 },
];

function withoutIndent(line: Line): Line {
  return line
    .map(({ text, style }, at) => span(at === 0 ? text.trimStart() : text, style))
    .filter(({ text }) => text !== "");
}

function interfaceLines(status: Status, { columns }: View): Line[] {
  const inDefaults = interfacesOfDefaults(status.defaults);
  const collapsed: Interface[] = [];
  const shown: Interface[] = [];
  for (const one of status.interfaces) {
    const quiet =
      !inDefaults.has(one.name) &&
      (isContainerChurn(one, inDefaults) || !one.up || isPlainLoopback(one));
    (quiet ? collapsed : shown).push(one);
  }
  const rows = shown.map((one) => {
    const state = describeState(one);
    const global = one.addresses.filter(({ scope }) => scope !== "link");
    return [
      [span(one.name, inDefaults.has(one.name) ? "bold" : "plain")],
      [span(one.kind, "dim")],
      [span(state.text, state.style)],
      addressLine(global.length > 0 ? global : one.addresses),
    ];
  });
  const table = rows.length === 0 ? [] : layOutTable({ columns: interfaceColumns, rows }, columns);
  const rest = describeCollapsed(collapsed);
  if (rest === "") return table;
  return [...table, ...wrapLine([span(rest, "dim")], columns, 2)];
}

const interfaceColumns = [
  { title: "INTERFACE" },
  { title: "KIND", dropOrder: 1 },
  { title: "STATE" },
  { title: "ADDRESSES" },
];

function isPlainLoopback({ kind, up, addresses }: Interface): boolean {
  return (
    kind === "loopback" &&
    up &&
    addresses.every(({ address }) => address === "::1" || address.startsWith("127."))
  );
}

/** So many that are down are named: one of them may be the uplink that somebody looks for. */
const namedWhenDown = 3;

function describeCollapsed(collapsed: readonly Interface[]): string {
  const loopbacks = collapsed.filter(isPlainLoopback).map(({ name }) => name);
  const containers = collapsed.filter(({ kind }) => kind === "container").length;
  const down = collapsed
    .filter((one) => one.kind !== "container" && !isPlainLoopback(one))
    .map(({ name }) => name);
  const parts = [
    ...loopbacks,
    ...(containers === 0
      ? []
      : [`${containers} container interface${containers === 1 ? "" : "s"}`]),
    ...(down.length > namedWhenDown
      ? [`${down.length} that are down`]
      : down.map((name) => `${name} (down)`)),
  ];
  if (parts.length === 0) return "";
  const last = parts.pop() ?? "";
  const list = parts.length === 0 ? last : `${parts.join(", ")} and ${last}`;
  return `… and ${list}: netwatch interfaces --all`;
}

function counters({ source, counters, daemon }: Status, { now }: View): Line[] {
  const last =
    source.lastMessageAt === null
      ? "no kernel message yet"
      : `last kernel message ${formatAgo(now - Date.parse(source.lastMessageAt))}`;
  const parts = [
    last,
    `${counters.events} event${counters.events === 1 ? "" : "s"}`,
    `drift ${counters.drift}`,
    `overflows ${source.overflows}`,
    ...(source.undecodable === 0 ? [] : [`undecodable ${source.undecodable}`]),
    ...(source.reopened === 0 ? [] : [`reopened ${source.reopened}`]),
    `pid ${daemon.pid}`,
  ];
  return parts.map((part) => [span(part, "dim")]);
}
