import { formatIpAddress, type IpFamily } from "../../network/address.ts";
import { type DefaultRoute, longestDefaultPrefix, type RouteType } from "../../network/route.ts";
import { RTF } from "../../wire/pfroute/constants.ts";
import type { RouteMessage } from "../../wire/pfroute/message.ts";
import type { Sockaddr } from "../../wire/pfroute/sockaddr.ts";

/** XNU has one table for each family: what Linux calls main. */
const mainTable = 254;

const firstMulticast = { ipv4: 0xe0, ipv6: 0xff } as const satisfies Record<IpFamily, number>;

/** Whether a route is for the whole host or a good part of it. 224.0.0.0/4 is short too, and is not. */
export function isDefaultLike({ dst, flags, prefixLength }: RouteMessage): boolean {
  if (prefixLength === null || prefixLength > longestDefaultPrefix) return false;
  if (dst?.kind !== "inet" && dst?.kind !== "inet6") return false;
  const family = dst.kind === "inet" ? "ipv4" : "ipv6";
  return (flags & RTF.HOST) === 0 && (dst.address[0] ?? 0) < firstMulticast[family];
}

/** Whether a route's destination is 0.0.0.0 or ::, of whatever length. */
export function isToZero({ dst }: RouteMessage): boolean {
  return (dst?.kind === "inet" || dst?.kind === "inet6") && dst.address.every((byte) => byte === 0);
}

/** A scoped route carries only what is bound to its interface. */
export function isScoped({ flags }: RouteMessage): boolean {
  return (flags & RTF.IFSCOPE) !== 0;
}

/** A route that the kernel made of another for one destination. */
export function isClone({ flags }: RouteMessage): boolean {
  return (flags & RTF.WASCLONED) !== 0;
}

/** A route message as a route; null when its destination or mask cannot be said in words. */
export function translateRoute(message: RouteMessage): DefaultRoute | null {
  const { dst, prefixLength } = message;
  if (prefixLength === null || (dst?.kind !== "inet" && dst?.kind !== "inet6")) return null;
  const family: IpFamily = dst.kind === "inet" ? "ipv4" : "ipv6";
  const type = typeOf(message);
  return {
    family,
    prefix: `${formatIpAddress(dst.address)}/${prefixLength}`,
    type,
    gateway: gatewayOf(message),
    // The interface in a link gateway is 0 when the route was added by name alone.
    interfaceIndex: type === "unicast" && message.index !== 0 ? message.index : null,
    metric: 0,
    tos: 0,
    table: mainTable,
    position: 0,
    protocol: protocolOf(message, family),
    source: null,
    onlink: false,
    mtu: null,
    pref: null,
    expiresAt: message.expire === 0 ? null : message.expire * 1000,
    linkdown: false,
    nexthopId: null,
    nexthops: [],
  };
}

/** The family of an address, or null when it is of neither. */
export function familyOfSockaddr(sockaddr: Sockaddr | null): IpFamily | null {
  if (sockaddr?.kind === "inet") return "ipv4";
  return sockaddr?.kind === "inet6" ? "ipv6" : null;
}

/** The text of an address, without the scope that a link-local one carries; null for any other sockaddr. */
export function textOfSockaddr(sockaddr: Sockaddr | null): string | null {
  if (sockaddr?.kind !== "inet" && sockaddr?.kind !== "inet6") return null;
  return formatIpAddress(sockaddr.address);
}

function gatewayOf({ flags, gateway }: RouteMessage): string | null {
  return (flags & RTF.GATEWAY) === 0 ? null : textOfSockaddr(gateway);
}

function typeOf({ flags }: RouteMessage): RouteType {
  if ((flags & RTF.BLACKHOLE) !== 0) return "blackhole";
  return (flags & RTF.REJECT) === 0 ? "unicast" : "unreachable";
}

/**
 * Who made a route. XNU keeps no such word: RTF_PROTO1 to 3 are for those who tag their routes, RTF_STATIC for those
 * who add by hand or by configd, and an IPv6 default by a router without any of them is what a router advertised.
 */
function protocolOf({ flags }: RouteMessage, family: IpFamily): string {
  if ((flags & RTF.PROTO1) !== 0) return "proto1";
  if ((flags & RTF.PROTO2) !== 0) return "proto2";
  if ((flags & RTF.PROTO3) !== 0) return "proto3";
  if ((flags & RTF.STATIC) !== 0) return "static";
  if ((flags & RTF.DYNAMIC) !== 0) return "redirect";
  return family === "ipv6" && (flags & RTF.GATEWAY) !== 0 ? "ra" : "kernel";
}
