import { type IpFamily, parseIpAddress } from "../../network/address.ts";
import { PlatformError } from "../../platform/platform-error.ts";
import type { CoveringRoute, RouteWay } from "../../platform/route-inquiry.ts";
import { encodeGetRouteDump } from "../../wire/netlink/request.ts";
import { decodeRoute, type RouteMessage } from "../../wire/netlink/route.ts";
import {
  ICMPV6_ROUTER_PREF_HIGH,
  ICMPV6_ROUTER_PREF_LOW,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RTNH_F_ONLINK,
} from "../../wire/netlink/route-constants.ts";
import { routeCoverScan } from "../../wire/netlink/route-cover-scan.ts";
import { numberOf } from "./defaults-reading.ts";
import { KernelError } from "./kernel-error.ts";
import { type DumpReader, type Requester, refused } from "./requester.ts";
import { addressText, gatewayText } from "./route-translation.ts";
import { routeProtocolOf, routeTypeOf } from "./route-words.ts";
import { prefixOf } from "./rule-translation.ts";

/** Gives the ways of a nexthop object, or says that it drops packets; no ways when it is gone. */
export type WaysOfNexthop = (id: number) => readonly RouteWay[] | "blackhole";

/**
 * The routes of a table whose prefix holds the address, in the kernel's order; none when there is no such table.
 *
 * @throws PlatformError
 */
export async function readCoveringRoutes(
  requester: Requester,
  waysOf: WaysOfNexthop,
  table: number,
  destination: string,
  signal: AbortSignal,
): Promise<readonly CoveringRoute[]> {
  const family: IpFamily = destination.includes(":") ? "ipv6" : "ipv4";
  const action = `read the ${family} routes of table ${table}`;
  const bytes = parseIpAddress(destination);
  if (bytes === null)
    throw new PlatformError("rejected", action, new Error(`${destination} is no address`));
  const encode = (seq: number): Uint8Array => encodeGetRouteDump(seq, numberOf(family), { table });
  const messages = await requester.dump(action, encode, () => coverReader(bytes), signal);
  if (!(messages instanceof KernelError))
    return messages.map((message) => translateCovering(message, waysOf));
  // No route was ever put into the table, or the kernel does without the family.
  if (["ENOENT", "EAFNOSUPPORT", "EOPNOTSUPP"].includes(messages.code)) return [];
  throw refused(action, messages);
}

/** A route message in words. */
export function translateCovering(message: RouteMessage, waysOf: WaysOfNexthop): CoveringRoute {
  const ways = waysOfMessage(message, waysOf);
  const bytes = message.dst ?? new Uint8Array(message.family === numberOf("ipv4") ? 4 : 16);
  return {
    table: message.table,
    prefix: {
      text: `${addressText(bytes)}/${message.dstLength}`,
      bytes,
      length: message.dstLength,
    },
    sourcePrefix: prefixOf(message.src, message.srcLength),
    type: ways === "blackhole" ? "blackhole" : routeTypeOf(message.type),
    metric: message.priority ?? 0,
    tos: message.tos,
    protocol: routeProtocolOf(message.protocol),
    source: message.prefsrc === null ? null : addressText(message.prefsrc),
    pref: message.family === numberOf("ipv4") ? null : preferenceOf(message.pref),
    expired: (message.cacheinfo?.expires ?? 0) < 0,
    nexthopId: message.nhId,
    scope: null,
    isHost: false,
    ways: ways === "blackhole" ? [] : ways,
  };
}

/** One way with the flags (RTNH_F_*) in words. */
export function wayOf(
  gateway: string | null,
  interfaceIndex: number,
  weight: number,
  flags: number,
): RouteWay {
  return {
    gateway,
    interfaceIndex,
    weight,
    onlink: (flags & RTNH_F_ONLINK) !== 0,
    linkdown: (flags & RTNH_F_LINKDOWN) !== 0,
    dead: (flags & RTNH_F_DEAD) !== 0,
  };
}

function coverReader(destination: Uint8Array): DumpReader<readonly RouteMessage[]> {
  const routes: RouteMessage[] = [];
  return {
    take(buffer, seq) {
      const take = (offset: number, length: number): void =>
        void routes.push(decodeRoute(buffer.subarray(offset, offset + length)));
      const scan = routeCoverScan(buffer, buffer.length, seq, destination, take);
      return { ...scan, enough: scan.pastDestination };
    },
    finish: () => routes,
  };
}

// With the sysctl nexthop_compat_mode at 0 a route that refers to a nexthop object carries nothing but its id.
function waysOfMessage(
  message: RouteMessage,
  waysOf: WaysOfNexthop,
): readonly RouteWay[] | "blackhole" {
  if (message.nhId !== null) {
    const ways = waysOf(message.nhId);
    if (ways === "blackhole" || (message.multipath === null && message.oif === null)) return ways;
  }
  if (message.multipath !== null)
    return message.multipath.map((leg) =>
      wayOf(gatewayText(leg.gateway, leg.via), leg.ifindex, leg.hops + 1, leg.flags),
    );
  if (message.oif === null) return [];
  return [wayOf(gatewayText(message.gateway, message.via), message.oif, 1, message.flags)];
}

function preferenceOf(pref: number | null): CoveringRoute["pref"] {
  if (pref === ICMPV6_ROUTER_PREF_HIGH) return "high";
  if (pref === ICMPV6_ROUTER_PREF_LOW) return "low";
  return pref === null ? null : "medium";
}
