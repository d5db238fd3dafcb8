import type { IpFamily } from "./address.ts";

/** What a route does with a packet (RTN_*, linux/rtnetlink.h); only `unicast` delivers to a neighbour. */
export type RouteType =
  | "unicast"
  | "local"
  | "broadcast"
  | "anycast"
  | "multicast"
  | "blackhole"
  | "unreachable"
  | "prohibit"
  | "throw"
  | "nat"
  | "unknown";

export interface NextHop {
  readonly gateway: string | null;
  readonly interfaceIndex: number;
  /** Share of the traffic, 1 to 256. */
  readonly weight: number;
  readonly onlink: boolean;
  /** The leg's link has no carrier: the kernel keeps it and packets die. */
  readonly linkdown: boolean;
}

/** The longest prefix of a route that can redirect a whole host; the shortest announced on the internet is a /8. */
export const longestDefaultPrefix = 7;

/**
 * A route short enough to redirect a whole host: prefix length 0 to 7. Split VPNs use /1 to /7.
 */
export interface DefaultRoute {
  readonly family: IpFamily;
  /** Destination with its length: `0.0.0.0/0`, `128.0.0.0/1`, `::/0`. */
  readonly prefix: string;
  readonly type: RouteType;
  /** Null for a device route, and for a multipath route, whose legs stand in `nexthops`. */
  readonly gateway: string | null;
  /** Null for error types and for multipath. */
  readonly interfaceIndex: number | null;
  /** Lower wins. Linux priority; 0 on macOS. */
  readonly metric: number;
  readonly tos: number;
  /** Linux table id; 254 is main. */
  readonly table: number;
  /** Place among the routes of equal key, 0 first: the first wins. */
  readonly position: number;
  /** Who made it: `kernel`, `boot`, `static`, `dhcp`, `ra`, or another's number in text. */
  readonly protocol: string;
  /** Preferred source address, if the route names one. */
  readonly source: string | null;
  readonly onlink: boolean;
  readonly mtu: number | null;
  /** Router preference (RFC 4191), IPv6 only. */
  readonly pref: "low" | "medium" | "high" | null;
  /** When the route's lifetime ends, in ms since the epoch. Never compared: it arms a re-read. */
  readonly expiresAt: number | null;
  readonly linkdown: boolean;
  /** Id of the nexthop object that the route refers to, if any. */
  readonly nexthopId: number | null;
  /** Two or more legs, or empty for a plain route. */
  readonly nexthops: readonly NextHop[];
}

/** Every interface that a route can leave by. */
export function interfacesOfRoute(route: DefaultRoute): readonly number[] {
  if (route.nexthops.length > 0) return route.nexthops.map((leg) => leg.interfaceIndex);
  return route.interfaceIndex === null ? [] : [route.interfaceIndex];
}
