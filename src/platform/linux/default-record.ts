import type { DefaultRoute, NextHop } from "../../network/route.ts";
import { PlatformError } from "../../platform/platform-error.ts";
import type { RecordedDefault } from "../../platform/route-control.ts";
import {
  decodeRoute,
  emptyRoute,
  encodeRoute,
  type RouteMessage,
} from "../../wire/netlink/route.ts";
import * as rta from "../../wire/netlink/route-constants.ts";
import { numberOf } from "./defaults-reading.ts";
import { scrubbedRoute } from "./route-identity.ts";
import { type NexthopResolver, translateRoute } from "./route-translation.ts";
import { isErrorType, routeProtocolNumber, routeTypeNumber } from "./route-words.ts";
import { addressBytes, legsOf } from "./slot-layout.ts";

/** A route of the kernel's as a record keeps it. */
export function recordOf(message: RouteMessage, route: DefaultRoute): RecordedDefault {
  return { route, raw: encodeRoute(scrubbedRoute(message)) };
}

/**
 * The message that asks for a recorded route. `raw` gives everything that `route` has no word for; where the two
 * differ, because a caller has changed the route or has made it without the kernel, `route` counts. A lifetime is
 * not part of it.
 *
 * @throws PlatformError when the record is no whole route: without a maker, or a way that it leads
 */
export function messageOfRecord(
  { route, raw }: RecordedDefault,
  resolve: NexthopResolver,
): RouteMessage {
  const recorded = raw.length === 0 ? null : scrubbedRoute(decodeRoute(raw));
  const said = recorded === null ? null : translateRoute(recorded, resolve, 0);
  const [address = "", length = ""] = route.prefix.split("/");
  const same = (...keys: (keyof DefaultRoute)[]): boolean =>
    said !== null && keys.every((key) => sameValue(said[key], route[key]));
  const protocol = same("protocol") ? recorded?.protocol : routeProtocolNumber(route.protocol);
  if (protocol === null || protocol === undefined)
    throw incomplete(`nobody knows the protocol ${route.protocol}`);
  const message: RouteMessage = {
    ...(recorded ?? emptyRoute),
    family: numberOf(route.family),
    dstLength: Number(length),
    dst: Number(length) === 0 ? null : addressBytes(address),
    tos: route.tos,
    table: route.table,
    protocol,
    type: routeTypeNumber(route.type),
    priority: route.metric === 0 ? null : route.metric,
    prefsrc: route.source === null ? null : addressBytes(route.source),
    metrics: same("mtu") ? (recorded?.metrics ?? null) : metricsOf(recorded, route.mtu),
    pref: same("pref") ? (recorded?.pref ?? null) : preferenceNumber(route.pref),
  };
  const way = same("type", "gateway", "interfaceIndex", "onlink", "nexthops", "nexthopId")
    ? message
    : { ...message, ...legsOf(route), nhId: route.nexthopId };
  const leads = way.oif !== null || way.multipath !== null || way.nhId !== null;
  if (!leads && !isErrorType(route.type)) throw incomplete("it leads nowhere");
  return way;
}

/**
 * The message with one way to say its legs: by the id of its nexthop object if that exists with the same legs,
 * else by the legs themselves. The kernel refuses both together.
 */
export function withOneWay(
  message: RouteMessage,
  route: DefaultRoute,
  resolve: NexthopResolver,
): RouteMessage {
  if (message.nhId === null) return message;
  if (sameLegs(resolve(message.nhId), legsOfRoute(route)))
    return { ...message, flags: 0, oif: null, gateway: null, via: null, multipath: null };
  return { ...message, ...legsOf(route), nhId: null };
}

/** Seconds until the route ends, at least 1, or null when it does not. */
export function lifetimeSeconds(route: DefaultRoute, nowMs: number): number | null {
  return route.expiresAt === null ? null : Math.max(Math.ceil((route.expiresAt - nowMs) / 1000), 1);
}

function legsOfRoute(route: DefaultRoute): readonly NextHop[] {
  if (route.nexthops.length > 0) return route.nexthops;
  if (route.interfaceIndex === null) return [];
  const { gateway, interfaceIndex, onlink, linkdown } = route;
  return [{ gateway, interfaceIndex, weight: 1, onlink, linkdown }];
}

function sameLegs(a: readonly NextHop[], b: readonly NextHop[]): boolean {
  const text = (legs: readonly NextHop[]): string =>
    JSON.stringify(legs.map((leg) => [leg.gateway, leg.interfaceIndex, leg.weight, leg.onlink]));
  return a.length > 0 && text(a) === text(b);
}

function sameValue(a: DefaultRoute[keyof DefaultRoute], b: typeof a): boolean {
  if (a === null || typeof a !== "object") return a === b;
  const text = (legs: readonly NextHop[]): string =>
    JSON.stringify(legs.map((leg) => ({ ...leg, linkdown: false })));
  return b !== null && typeof b === "object" && text(a) === text(b);
}

function metricsOf(recorded: RouteMessage | null, mtu: number | null): RouteMessage["metrics"] {
  const values = new Map(recorded?.metrics?.values ?? []);
  if (mtu === null) values.delete(rta.RTAX_MTU);
  else values.set(rta.RTAX_MTU, mtu);
  const unknown = recorded?.metrics?.unknown ?? [];
  return values.size + unknown.length === 0 ? null : { values, unknown };
}

function preferenceNumber(pref: DefaultRoute["pref"]): number | null {
  if (pref === "high") return rta.ICMPV6_ROUTER_PREF_HIGH;
  if (pref === "low") return rta.ICMPV6_ROUTER_PREF_LOW;
  return pref === null ? null : rta.ICMPV6_ROUTER_PREF_MEDIUM;
}

function incomplete(why: string): PlatformError {
  return new PlatformError("rejected", "ask for a recorded default", new Error(why));
}
