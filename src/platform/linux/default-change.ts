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
import { readShortRoutes } from "./table-reading.ts";

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
  const left = (await standing()).filter((other) => routeIdentity(other) === identity).length;
  const stood = before.filter((other) => routeIdentity(other) === identity).length;
  if (left < stood) return answer.refusal === null ? "removed" : "already-gone";
  throw changeFailure(answer);
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
  return readShortRoutes(requester, route.family, route.table, signal);
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
 * agrees with anything.
 */
function deleteTakes(meant: RouteMessage, other: RouteMessage): boolean {
  if (meant.protocol !== other.protocol) return false;
  if (meant.nhId !== other.nhId && meant.nhId !== null) return false;
  const named = <Value>(
    wanted: Value | null,
    found: Value | null,
    same: (a: Value, b: Value) => boolean,
  ) => wanted === null || (found !== null && same(wanted, found));
  const legs = (route: RouteMessage): string =>
    routeIdentity({ ...legsOnly(route), family: meant.family });
  const sameLegs = meant.nhId !== null || legs(meant) === legs(other) || onlyDevice(meant, other);
  if (meant.family !== AF_INET) return metricOf(meant) === metricOf(other) && sameLegs;
  return (
    meant.tos === other.tos &&
    meant.type === other.type &&
    meant.scope === other.scope &&
    (metricOf(meant) === 0 || metricOf(meant) === metricOf(other)) &&
    named(meant.prefsrc, other.prefsrc, sameBytes) &&
    [...(meant.metrics?.values ?? [])].every(
      ([type, value]) => other.metrics?.values.get(type) === value,
    ) &&
    sameLegs
  );
}

/** A delete that names a device and no gateway takes the first over that device. */
function onlyDevice(meant: RouteMessage, other: RouteMessage): boolean {
  const bare = meant.gateway === null && meant.via === null && meant.multipath === null;
  return bare && meant.oif !== null && meant.oif === other.oif;
}

function legsOnly(route: RouteMessage): RouteMessage {
  return {
    ...route,
    scope: 0,
    type: 1,
    protocol: 0,
    priority: null,
    prefsrc: null,
    metrics: null,
    pref: null,
    flow: null,
    unknown: [],
  };
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
