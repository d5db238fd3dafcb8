import type { Candidate, Default } from "../../admin-api/route-schema.ts";
import { formatRoughly } from "../duration.ts";

const mainTable = 254;

/** Where a default sends packets: `10.0.0.1 dev eth0`, `dev tun0`, `unreachable`, or its legs joined by `+`. */
export function describeTarget(route: Default): string {
  if (route.type !== "unicast") return route.type;
  if (route.nexthops.length === 0) return leg(route.gateway, route.interface);
  const weights = new Set(route.nexthops.map(({ weight }) => weight));
  return route.nexthops
    .map(({ gateway, interface: name, weight }) =>
      weights.size === 1 ? leg(gateway, name) : `${leg(gateway, name)} ×${weight}`,
    )
    .join(" + ");
}

/** A default as a sentence: `default via 10.0.0.1 dev eth0`, `128.0.0.0/1 dev tun0`, `default unreachable`. */
export function describeRoute(route: Default): string {
  return `${describePrefix(route)} ${describeWay(route)}`;
}

/** How packets leave: `via 10.0.0.1 dev eth0`. */
export function describeWay(route: Default): string {
  const target = describeTarget(route);
  const throughGateway = route.nexthops.length > 0 || route.gateway !== null;
  return route.type === "unicast" && throughGateway ? `via ${target}` : target;
}

/** `default`, or the prefix where the route takes only a part of the family. */
export function describePrefix({ prefix }: Default): string {
  return prefix.endsWith("/0") ? "default" : prefix;
}

/** `metric 100`; nothing for 0, which is what ip(8) leaves out too. */
export function describeMetric({ metric }: Default): string {
  return metric === 0 ? "" : `metric ${metric}`;
}

// Names of linux/rtnetlink.h, in words; what is not here is shown as the daemon gives it.
const protocolWords: ReadonlyMap<string, string> = new Map([
  ["boot", "by hand"],
  ["dhcp", "DHCP"],
  ["ra", "router"],
]);

/** The protocol of netwatch's routes, unless the configuration says otherwise. */
const usualOwnProtocol = "199";

/** Who made the route, in words: `DHCP`, `router` for a router advertisement, `by hand` for ip(8)'s own mark. */
export function describeProtocol(route: Default): string {
  return describeOwner(route, usualOwnProtocol);
}

/** Whose a route is, in words: `netwatch`, or who made it by its protocol. */
export function describeOwner({ protocol }: Default, ownProtocol: string): string {
  if (protocol === ownProtocol) return "netwatch";
  return (
    protocolWords.get(protocol) ?? (/^\d+$/.test(protocol) ? `protocol ${protocol}` : protocol)
  );
}

/** The table's name where the system gives it one, else its number. */
export function describeTable({ table }: Default): string {
  if (table === mainTable || table === 0) return "main";
  return table === 253 ? "default" : String(table);
}

/** What else the route says, each in a few words. */
export function describeExtras(route: Default, now: number): string[] {
  const left = route.expiresAt === null ? null : Date.parse(route.expiresAt) - now;
  return [
    ...(route.source === null ? [] : [`src ${route.source}`]),
    ...(route.onlink ? ["onlink"] : []),
    ...(route.mtu === null ? [] : [`mtu ${route.mtu}`]),
    ...(route.pref === null || route.pref === "medium" ? [] : [`pref ${route.pref}`]),
    ...(route.tos === 0 ? [] : [`tos ${route.tos}`]),
    ...(route.nexthopId === null ? [] : [`nexthop ${route.nexthopId}`]),
    ...(left === null ? [] : [left <= 0 ? "expired" : `expires in ${formatRoughly(left)}`]),
  ];
}

const lossWords: ReadonlyMap<string, string> = new Map([
  ["higher-metric", "stands by: higher metric"],
  ["later-position", "stands by: an equal one comes first"],
  ["lower-pref", "stands by: lower router preference"],
  ["linkdown", "dead: no carrier"],
  ["interface-down", "dead: interface is down"],
  ["expired", "dead: its lifetime ended"],
  ["error-type", "refuses packets"],
  ["split", "overruled: narrower routes take its packets"],
  ["rule", "overruled: a rule picks another table"],
  ["not-chosen", "stands by: the kernel chose another"],
]);

/** Why a candidate carries nothing, in words; a reason that this version does not know is shown as it is. */
export function describeLoss(reason: string): string {
  return lossWords.get(reason) ?? reason.replaceAll("-", " ");
}

// What a displaced default waits for, where the daemon gives no more than the name of it.
const waitWords: ReadonlyMap<string, string> = new Map([
  ["routers-asked", "its routers are asked for it"],
  ["ra-stand-in", "netwatch's own stands in for it until its router announces it again"],
]);

/** What a displaced default waits for before it can be back, in words. */
export function describeWait(reason: string): string {
  return waitWords.get(reason) ?? reason;
}

/** What is remarkable about how the winner won; empty when it simply is the default. */
export function describeWin(route: Default): string {
  if (route.via === "rule") return `chosen by a rule, table ${describeTable(route)}`;
  return route.via === "split" ? "one part of a split" : "";
}

/** Candidates that carry packets; the effective default where it is not among them, as when a rule chose it. */
export function winnersOf(effective: Default | null, candidates: readonly Candidate[]): Default[] {
  const winners = candidates.filter(({ lostBecause }) => lostBecause === null);
  if (winners.length > 0 || effective === null) return winners;
  return [effective];
}

function leg(gateway: string | null, name: string | null): string {
  const device = name === null ? "" : `dev ${name}`;
  return gateway === null ? device : `${gateway} ${device}`.trimEnd();
}
