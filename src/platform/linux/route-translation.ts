import { formatIpAddress, type IpFamily } from "../../network/address.ts";
import type { DefaultRoute, NextHop } from "../../network/route.ts";
import { DecodeError } from "../../wire/decode-error.ts";
import { AF_INET } from "../../wire/netlink/message-constants.ts";
import type { RouteMessage } from "../../wire/netlink/route.ts";
import {
  ICMPV6_ROUTER_PREF_HIGH,
  ICMPV6_ROUTER_PREF_LOW,
  RTAX_MTU,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RTNH_F_ONLINK,
} from "../../wire/netlink/route-constants.ts";
import type { Via } from "../../wire/netlink/route-leg.ts";
import { isErrorType, routeProtocolOf, routeTypeOf } from "./route-words.ts";

/** Gives the legs of a nexthop object; empty when it is gone. */
export type NexthopResolver = (id: number) => readonly NextHop[];

/**
 * A route message as a route, its position 0. `nowMs` is the time since the epoch at which it was read.
 *
 * @throws DecodeError when an address has a length that no family has
 */
export function translateRoute(
  message: RouteMessage,
  resolve: NexthopResolver,
  nowMs: number,
): DefaultRoute {
  const type = routeTypeOf(message.type);
  const legs = isErrorType(type) ? [] : legsOf(message, resolve);
  const [only] = legs.length === 1 ? legs : [];
  const family: IpFamily = message.family === AF_INET ? "ipv4" : "ipv6";
  const bytes = message.dst ?? new Uint8Array(family === "ipv4" ? 4 : 16);
  return {
    family,
    prefix: `${addressText(bytes)}/${message.dstLength}`,
    type,
    gateway: only?.gateway ?? null,
    interfaceIndex: only?.interfaceIndex ?? null,
    metric: message.priority ?? 0,
    tos: message.tos,
    table: message.table,
    position: 0,
    protocol: routeProtocolOf(message.protocol),
    source: message.prefsrc === null ? null : addressText(message.prefsrc),
    onlink: only?.onlink ?? false,
    mtu: message.metrics?.values.get(RTAX_MTU) ?? null,
    pref: family === "ipv4" ? null : preferenceOf(message.pref),
    expiresAt: expiryOf(message, nowMs),
    linkdown: legs.length > 0 && legs.every((leg) => leg.linkdown),
    nexthopId: message.nhId,
    nexthops: legs.length > 1 ? legs : [],
  };
}

/** The text of a gateway or null; `via` is a gateway of another family (RTA_VIA). */
export function gatewayText(gateway: Uint8Array | null, via: Via | null): string | null {
  const bytes = gateway ?? via?.address ?? null;
  return bytes === null ? null : addressText(bytes);
}

/** One leg with the flags (RTNH_F_*) in words. */
export function nextHopOf(
  gateway: string | null,
  interfaceIndex: number,
  weight: number,
  flags: number,
): NextHop {
  return {
    gateway,
    interfaceIndex,
    weight,
    onlink: (flags & RTNH_F_ONLINK) !== 0,
    linkdown: (flags & (RTNH_F_LINKDOWN | RTNH_F_DEAD)) !== 0,
  };
}

/** @throws DecodeError when there are neither 4 nor 16 bytes */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length !== 4 && bytes.length !== 16)
    throw new DecodeError("malformed", `cannot read an address of ${bytes.length} bytes`);
  return formatIpAddress(bytes);
}

// With the sysctl nexthop_compat_mode at 0 a route that refers to a nexthop object carries nothing but its id.
function legsOf(message: RouteMessage, resolve: NexthopResolver): readonly NextHop[] {
  if (message.multipath !== null)
    return message.multipath.map((leg) =>
      nextHopOf(gatewayText(leg.gateway, leg.via), leg.ifindex, leg.hops + 1, leg.flags),
    );
  const gateway = gatewayText(message.gateway, message.via);
  if (message.oif !== null) return [nextHopOf(gateway, message.oif, 1, message.flags)];
  return message.nhId === null ? [] : resolve(message.nhId);
}

function preferenceOf(pref: number | null): DefaultRoute["pref"] {
  if (pref === ICMPV6_ROUTER_PREF_HIGH) return "high";
  if (pref === ICMPV6_ROUTER_PREF_LOW) return "low";
  return pref === null ? null : "medium";
}

// rta_expires counts hundredths of a second (USER_HZ) whatever the kernel's own tick; it goes on below zero,
// because an IPv6 route whose lifetime is over may stay for a while. 0 stands for no end.
function expiryOf(message: RouteMessage, nowMs: number): number | null {
  const ticks = message.cacheinfo?.expires ?? 0;
  return ticks === 0 ? null : nowMs + ticks * 10;
}
