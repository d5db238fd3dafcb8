import { PlatformError } from "../../platform/platform-error.ts";
import type { AddOutcome, RecordedDefault } from "../../platform/route-control.ts";
import { AF_INET } from "../../wire/netlink/message-constants.ts";
import type { RouteMessage } from "../../wire/netlink/route.ts";
import { RTPROT_RA } from "../../wire/netlink/route-constants.ts";
import { lifetimeSeconds, messageOfRecord, withOneWay } from "./default-record.ts";
import {
  changeFailure,
  type RoutePlacement,
  requestRoute,
  requestRouteRemoval,
} from "./kernel-change.ts";
import { nexthopReader } from "./nexthop-reading.ts";
import type { Requester } from "./requester.ts";
import { routeIdentity } from "./route-identity.ts";
import { gatewayText } from "./route-translation.ts";
import { readEveryShortRoute, readShortRoutes } from "./table-reading.ts";

/**
 * Adds an unscoped default where the caller wants it among those of its key.
 *
 * @throws PlatformError
 */
export async function addRecordedDefault(
  requester: Requester,
  record: RecordedDefault,
  placement: "exclusive" | "append" | "prepend",
  signal: AbortSignal,
): Promise<AddOutcome> {
  const action = `add the ${nameOf(record)}`;
  const resolve = nexthopReader(requester);
  const message = withOneWay(messageOfRecord(record, resolve), record.route, resolve);
  const identity = routeIdentity(message);
  const read = (): Promise<readonly RouteMessage[]> => readTableOf(requester, record, signal);
  const before = (await read()).filter((other) => sameKey(other, message));
  if (before.some((other) => routeIdentity(other) === identity)) return "already-there";
  const how = placementAmong(before, message, placement);
  if (how === "conflict") return "conflict";
  const expires = lifetimeSeconds(record.route, Date.now());
  const answer = requestRoute(requester, action, { ...message, expires }, how);
  const after = (await read()).filter((other) => sameKey(other, message));
  const position = after.findIndex((other) => routeIdentity(other) === identity);
  if (position < 0) {
    if (answer.refusal?.code === "EEXIST") return "conflict";
    throw changeFailure(answer);
  }
  if (how === "prepend" && message.family === AF_INET && position > 0)
    throw new PlatformError(
      "interrupted",
      action,
      new Error("somebody else has come before it at the same moment"),
    );
  return answer.refusal?.code === "EEXIST" ? "already-there" : "added";
}

/**
 * Deletes exactly the recorded default. The kernel takes the first route that agrees with what a request names, and
 * does not compare everything: where that would be another one, nothing is sent.
 *
 * @throws PlatformError
 */
export async function removeRecordedDefault(
  requester: Requester,
  record: RecordedDefault,
  signal: AbortSignal,
): Promise<"removed" | "already-gone"> {
  const action = `remove the ${nameOf(record)}`;
  const message = messageOfRecord(record, nexthopReader(requester));
  const identity = routeIdentity(message);
  const standing = async (): Promise<readonly RouteMessage[]> =>
    (await readTableOf(requester, record, signal)).filter((other) =>
      sameDestination(other, message),
    );
  const before = await standing();
  const meant = before.find((other) => routeIdentity(other) === identity);
  if (meant === undefined) return "already-gone";
  const hit = before.find((other) => deleteTakes(meant, other));
  if (hit !== meant)
    throw new PlatformError(
      "rejected",
      action,
      new Error("another route of the same key stands before it, and a delete would take that one"),
    );
  const answer = requestRouteRemoval(requester, action, withoutNamedLegs(meant));
  const known = new Set(before.map(routeIdentity));
  let after = await standing();
  // IPv6 makes one route of legs that two programs gave, and a delete takes only those of the protocol that it
  // names: the rest shows itself as a route of its own.
  for (let rests = meant.multipath?.length ?? 0; rests > 0; rests -= 1) {
    const rest = after.find((other) => !known.has(routeIdentity(other)) && isPartOf(other, meant));
    if (rest === undefined) break;
    requestRouteRemoval(requester, action, rest);
    after = await standing();
  }
  const count = (routes: readonly RouteMessage[]): number =>
    routes.filter((other) => routeIdentity(other) === identity).length;
  if (count(after) >= count(before)) throw changeFailure(answer);
  const changed = answer.refusal === null || after.length < before.length;
  return changed ? "removed" : "already-gone";
}

/**
 * How to ask for a route among those of its key, or `conflict`. IPv6 makes one route of several legs from two
 * routes with gateways, which is neither of them; and a router's default that another route is appended to or put
 * in place of loses its lifetime. So beside an IPv6 route of the key only one can stand that is of another sort.
 */
function placementAmong(
  before: readonly RouteMessage[],
  message: RouteMessage,
  placement: "exclusive" | "append" | "prepend",
): RoutePlacement | "conflict" {
  if (before.length === 0) return "exclusive";
  if (placement === "exclusive") return "conflict";
  if (message.family === AF_INET) return placement;
  const hasGateway = (route: RouteMessage): boolean =>
    route.gateway !== null || route.multipath !== null || route.nhId !== null;
  const merges = before.some(
    (other) => other.protocol === RTPROT_RA || hasGateway(other) === hasGateway(message),
  );
  return merges ? "conflict" : "prepend";
}

function readTableOf(
  requester: Requester,
  { route }: RecordedDefault,
  signal: AbortSignal,
): Promise<readonly RouteMessage[]> {
  // The upper half of a split stands in the middle of a big table.
  const isFirst = route.family === "ipv6" || route.prefix.startsWith("0.0.0.0/");
  const read = isFirst ? readShortRoutes : readEveryShortRoute;
  return read(requester, route.family, route.table, signal);
}

function sameDestination(a: RouteMessage, b: RouteMessage): boolean {
  return a.dstLength === b.dstLength && (a.dstLength === 0 || sameBytes(a.dst, b.dst));
}

/** What NLM_F_EXCL compares: destination, and in IPv4 tos, and the metric. */
function sameKey(a: RouteMessage, b: RouteMessage): boolean {
  return sameDestination(a, b) && a.tos === b.tos && metricOf(a) === metricOf(b);
}

function metricOf({ family, priority }: RouteMessage): number {
  return family === AF_INET ? (priority ?? 0) : priority || 1024;
}

/**
 * Whether the kernel would take `other` for a delete that names everything of `meant`, as fib_table_delete()
 * (net/ipv4/fib_trie.c) and ip6_route_del() (net/ipv6/route.c) compare: what is not named, a metric of 0 too,
 * agrees with anything, and IPv6 compares no type.
 */
function deleteTakes(meant: RouteMessage, other: RouteMessage): boolean {
  if (meant.protocol !== other.protocol) return false;
  const sameWay = meant.nhId === null ? legsTake(meant, other) : meant.nhId === other.nhId;
  if (!sameWay) return false;
  if (meant.family !== AF_INET) return metricOf(meant) === metricOf(other);
  return (
    meant.tos === other.tos &&
    meant.type === other.type &&
    meant.scope === other.scope &&
    (metricOf(meant) === 0 || metricOf(meant) === metricOf(other)) &&
    (meant.prefsrc === null || sameBytes(meant.prefsrc, other.prefsrc)) &&
    [...(meant.metrics?.values ?? [])].every(
      ([type, value]) => other.metrics?.values.get(type) === value,
    )
  );
}

/**
 * Whether a delete by legs takes a route. IPv4 looks at the first leg for a delete that names one, and at as many
 * as the route has for one that names several; IPv6 keeps legs as routes of their own, and takes any of them.
 */
function legsTake(meant: RouteMessage, other: RouteMessage): boolean {
  const wanted = legTexts(meant);
  const found = legTexts(other);
  const covers = (a: LegText | undefined, b: LegText | undefined): boolean =>
    a === undefined ||
    b === undefined ||
    ((a.oif === null || a.oif === b.oif) && (a.gateway === null || a.gateway === b.gateway));
  if (meant.family !== AF_INET)
    return wanted.length === 0 || wanted.some((leg) => found.some((it) => covers(leg, it)));
  if (meant.multipath === null) return covers(wanted[0], found[0]);
  return found.length <= wanted.length && found.every((leg, at) => covers(wanted[at], leg));
}

/** Every leg of it is one of the other's. */
function isPartOf(part: RouteMessage, whole: RouteMessage): boolean {
  const legs = legTexts(whole).map((leg) => JSON.stringify(leg));
  const parts = legTexts(part).map((leg) => JSON.stringify(leg));
  return (
    metricOf(part) === metricOf(whole) &&
    parts.length > 0 &&
    parts.every((leg) => legs.includes(leg))
  );
}

interface LegText {
  readonly oif: number | null;
  readonly gateway: string | null;
}

function legTexts(route: RouteMessage): readonly LegText[] {
  if (route.multipath !== null)
    return route.multipath.map((leg) => ({
      oif: leg.ifindex,
      gateway: gatewayText(leg.gateway, leg.via),
    }));
  const gateway = gatewayText(route.gateway, route.via);
  return route.oif === null && gateway === null ? [] : [{ oif: route.oif, gateway }];
}

/** A route by its nexthop object is named by the id alone. */
function withoutNamedLegs(route: RouteMessage): RouteMessage {
  if (route.nhId === null) return route;
  return { ...route, flags: 0, oif: null, gateway: null, via: null, multipath: null };
}

function sameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

function nameOf({ route }: RecordedDefault): string {
  const by = route.gateway === null ? "" : ` by ${route.gateway}`;
  return `${route.family} route ${route.prefix}${by} of table ${route.table}`;
}
