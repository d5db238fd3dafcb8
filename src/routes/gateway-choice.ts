import type { IpFamily } from "../network/address.ts";
import type { NetworkInterface } from "../network/interface.ts";
import type { DefaultRoute, NextHop } from "../network/route.ts";
import type { ForeignScoped, PinnedHost } from "../platform/route-control.ts";
import { isOnLink } from "./connected-prefix.ts";
import { isExpired, isWholeDefault, mainTable } from "./default-comparison.ts";
import type { RecordOf } from "./journal/record.ts";

/** How the sockets bound to an interface would reach the internet, and how that is known. */
export interface GatewayChoice {
  /**
   * `default`: an unscoped default says so now; `foreign-scoped`: somebody else's scoped default does; `inferred` from
   * a VPN's route to its server.
   */
  readonly from: "default" | "foreign-scoped" | "journal" | "other-table" | "inferred";
  /** Null for a point-to-point link, and where `nexthops` has legs. */
  readonly gateway: string | null;
  readonly onlink: boolean;
  readonly source: string | null;
  readonly mtu: number | null;
  /** Two or more legs over the interface, or empty. */
  readonly nexthops: readonly NextHop[];
  /** When this was learned, in ms of uptime. */
  readonly sinceUptimeMs: number;
  /** When the router's lifetime ends, in ms of uptime, or null. */
  readonly untilUptimeMs: number | null;
}

/** What is known of the ways out over an interface. */
export interface GatewayEvidence {
  /** The unscoped defaults of a family, of every table. */
  readonly routes: readonly DefaultRoute[];
  /** Those of others, of both families. */
  readonly foreignScoped: readonly ForeignScoped[];
  readonly remembered: RecordOf<"slot"> | null;
  /** Defaults that the journal knows of, over the interfaces of now: displaced ones, and the last known good. */
  readonly recorded: readonly DefaultRoute[];
  readonly pinnedHosts: readonly PinnedHost[];
  /** In ms since the epoch. */
  readonly now: number;
  readonly uptimeMs: number;
}

const prefRank = { high: 0, medium: 1, low: 2 } as const;
const ownersOfUplinks: ReadonlySet<string> = new Set(["dhcp", "ra", "static"]);

/** The first source that knows a gateway decides; null when none does. */
export function chooseGateway(
  link: NetworkInterface,
  family: IpFamily,
  evidence: GatewayEvidence,
): GatewayChoice | null {
  const { routes, foreignScoped, remembered, recorded, pinnedHosts, now, uptimeMs } = evidence;
  const usable = usableOver(routes, link, now);
  const inMain = usable.find(({ table }) => table === mainTable);
  if (inMain !== undefined) return choiceOf(inMain, link, "default", evidence);
  const foreign = foreignScoped.find(
    (one) => one.family === family && one.interfaceIndex === link.index,
  );
  const bare = { onlink: false, source: null, mtu: null, nexthops: [], untilUptimeMs: null };
  if (foreign !== undefined)
    return {
      from: "foreign-scoped",
      gateway: foreign.gateway,
      sinceUptimeMs: uptimeMs,
      ...bare,
    };
  if (remembered !== null) return choiceOfRecord(remembered, link);
  const known = usableOver(recorded, link, now).find((route) => isReachable(route, link));
  if (known !== undefined) return choiceOf(known, link, "journal", evidence);
  const elsewhere = usable.find(({ protocol }) => ownersOfUplinks.has(protocol));
  if (elsewhere !== undefined) return choiceOf(elsewhere, link, "other-table", evidence);
  const pin = pinnedHosts.find((one) => one.family === family && one.interfaceIndex === link.index);
  if (pin === undefined) return null;
  return { from: "inferred", gateway: pin.gateway, sinceUptimeMs: uptimeMs, ...bare };
}

function usableOver(
  routes: readonly DefaultRoute[],
  link: NetworkInterface,
  now: number,
): readonly DefaultRoute[] {
  return routes
    .filter((route) => route.type === "unicast" && isWholeDefault(route) && !isExpired(route, now))
    .filter((route) => legsOver(route, link.index).length > 0)
    .toSorted(bestFirst);
}

/** What is only recorded may be of another network: its gateway must be on a prefix of now. */
function isReachable(route: DefaultRoute, link: NetworkInterface): boolean {
  return legsOver(route, link.index).every(
    ({ gateway, onlink }) => gateway === null || onlink || isOnLink(gateway, link, route.family),
  );
}

/** Whether an unscoped default of main leaves by the interface. */
export function hasUnscopedDefault(
  link: NetworkInterface,
  routes: readonly DefaultRoute[],
  now: number,
): boolean {
  return routes.some(
    (route) =>
      route.table === mainTable &&
      route.type === "unicast" &&
      isWholeDefault(route) &&
      !isExpired(route, now) &&
      legsOver(route, link.index).length > 0,
  );
}

// Nexthop objects and legs of other interfaces stay behind: they can go without a message about this table.
function choiceOf(
  route: DefaultRoute,
  link: NetworkInterface,
  from: GatewayChoice["from"],
  { now, uptimeMs }: GatewayEvidence,
): GatewayChoice {
  const legs = legsOver(route, link.index);
  const only = legs.length === 1 ? legs[0] : undefined;
  return {
    from,
    gateway: only?.gateway ?? null,
    onlink: only?.onlink ?? false,
    source: ownAddress(route.source, link),
    mtu: route.mtu,
    nexthops: legs.length > 1 ? legs : [],
    sinceUptimeMs: uptimeMs,
    untilUptimeMs: route.expiresAt === null ? null : uptimeMs + route.expiresAt - now,
  };
}

function choiceOfRecord(record: RecordOf<"slot">, link: NetworkInterface): GatewayChoice {
  return {
    from: "journal",
    gateway: record.gateway,
    onlink: record.onlink ?? false,
    source: ownAddress(record.source, link),
    mtu: record.mtu ?? null,
    nexthops: (record.nexthops ?? []).map((leg) => ({ ...leg, interfaceIndex: link.index })),
    sinceUptimeMs: record.gatewaySinceUptimeMs ?? record.uptimeMs,
    untilUptimeMs: record.gatewayUntilUptimeMs ?? null,
  };
}

/** A preferred source only while the interface has that address: in a table of its own it would outlive it. */
function ownAddress(source: string | null, link: NetworkInterface): string | null {
  return link.addresses.some(({ address }) => address === source) ? source : null;
}

function legsOver(route: DefaultRoute, index: number): readonly NextHop[] {
  const { gateway, interfaceIndex, onlink } = route;
  const legs: readonly NextHop[] =
    route.nexthops.length > 0
      ? route.nexthops
      : interfaceIndex === null
        ? []
        : [{ gateway, interfaceIndex, weight: 1, onlink, linkdown: false }];
  return legs
    .filter((leg) => leg.interfaceIndex === index)
    .map((leg) => ({ ...leg, linkdown: false }));
}

function bestFirst(a: DefaultRoute, b: DefaultRoute): number {
  return (
    a.metric - b.metric ||
    prefRank[a.pref ?? "medium"] - prefRank[b.pref ?? "medium"] ||
    a.position - b.position
  );
}
