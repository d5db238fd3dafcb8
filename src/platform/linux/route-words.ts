import type { RouteType } from "../../network/route.ts";

// RTN_* (linux/rtnetlink.h), by number.
const types: readonly RouteType[] = [
  "unknown",
  "unicast",
  "local",
  "broadcast",
  "anycast",
  "multicast",
  "blackhole",
  "unreachable",
  "prohibit",
  "throw",
  "nat",
];

// RTPROT_* (linux/rtnetlink.h), in the words of iproute2's rt_protos.
const protocols: ReadonlyMap<number, string> = new Map([
  [0, "unspec"],
  [1, "redirect"],
  [2, "kernel"],
  [3, "boot"],
  [4, "static"],
  [8, "gated"],
  [9, "ra"],
  [10, "mrt"],
  [11, "zebra"],
  [12, "bird"],
  [13, "dnrouted"],
  [14, "xorp"],
  [15, "ntk"],
  [16, "dhcp"],
  [17, "mrouted"],
  [18, "keepalived"],
  [42, "babel"],
  [84, "ovn"],
  [99, "openr"],
  [186, "bgp"],
  [187, "isis"],
  [188, "ospf"],
  [189, "rip"],
  [192, "eigrp"],
]);

/** What a route does, from RTN_*. */
export function routeTypeOf(type: number): RouteType {
  return types[type] ?? "unknown";
}

/** Who made a route, from RTPROT_*: `dhcp`, or the number in text. */
export function routeProtocolOf(protocol: number): string {
  return protocols.get(protocol) ?? String(protocol);
}

/** RTN_* of a type. */
export function routeTypeNumber(type: RouteType): number {
  return Math.max(types.indexOf(type), 0);
}

/** RTPROT_* of a protocol in words or, as text, in numbers; null when it is neither. */
export function routeProtocolNumber(protocol: string): number | null {
  for (const [number, name] of protocols) if (name === protocol) return number;
  return /^\d{1,3}$/.test(protocol) && Number(protocol) <= 0xff ? Number(protocol) : null;
}

/** The route answers with an error, or sends the look-up on, instead of delivering. */
export function isErrorType(type: RouteType): boolean {
  return type === "blackhole" || type === "unreachable" || type === "prohibit" || type === "throw";
}
