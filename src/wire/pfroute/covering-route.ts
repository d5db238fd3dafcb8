import { DecodeError } from "../decode-error.ts";
import { AF, RTAX } from "./constants.ts";
import type { RoutingFormat } from "./format.ts";
import { decodeMessage, type RouteMessage } from "./message.ts";
import { walkMessages } from "./message-buffer.ts";
import { embedsScope } from "./sockaddr.ts";

/** Where the address begins in a sockaddr_in and a sockaddr_in6. */
const inetStart = 4;
const inet6Start = 8;

/** In addresses that mean something on one link only the kernel keeps the interface's index here (bytes 2 and 3). */
const scopeStart = 2;
const scopeEnd = 4;

/**
 * Visits the routes of a sysctl answer (NET_RT_DUMP2) whose prefix holds an address. Nothing is made of a route that
 * cannot: one whose first address has a bit set behind the place where it leaves the address. Never throws for what
 * the buffer holds.
 *
 * @returns how many messages should have been looked at and could not be read
 */
export function visitCoveringRoutes(
  buffer: Uint8Array,
  format: RoutingFormat,
  address: Uint8Array,
  keep: (route: RouteMessage) => void,
): number {
  let undecodable = 0;
  walkMessages(buffer, (start, end) => {
    const layout = format.layouts.get(buffer[start + 3] ?? 0);
    if (layout?.kind !== "route" || start + layout.headerLength >= end) return;
    if (((buffer[start + layout.addrs] ?? 0) & (1 << RTAX.DST)) === 0) return;
    if (!mayCover(buffer, start + layout.headerLength, end, address)) return;
    try {
      const route = decodeMessage(buffer.subarray(start, end), format);
      if (route.kind === "route" && covers(route, address)) keep(route);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      undecodable += 1;
    }
  });
  return undecodable;
}

function mayCover(buffer: Uint8Array, at: number, end: number, address: Uint8Array): boolean {
  const isInet6 = buffer[at + 1] === AF.INET6;
  if (isInet6 !== (address.length === 16)) return false;
  const first = at + (isInet6 ? inet6Start : inetStart);
  const last = Math.min(at + (buffer[at] ?? 0), end);
  const scoped =
    isInet6 && (buffer[first] ?? 0) >= 0xfe && embedsScope(buffer.subarray(first, last));
  let differs = false;
  for (let byte = 0; byte < address.length && first + byte < last; byte += 1) {
    if (scoped && byte >= scopeStart && byte < scopeEnd) continue;
    const there = buffer[first + byte] ?? 0;
    if (differs && there !== 0) return false;
    const difference = there ^ (address[byte] ?? 0);
    if (differs || difference === 0) continue;
    differs = true;
    // The bits from the first difference on must all be 0.
    if ((there & (0xff >> Math.clz32(difference << 24))) !== 0) return false;
  }
  return true;
}

/** Whether an address is within a route's destination. */
export function covers({ dst, prefixLength }: RouteMessage, address: Uint8Array): boolean {
  if (prefixLength === null || (dst?.kind !== "inet" && dst?.kind !== "inet6")) return false;
  if (dst.address.length !== address.length) return false;
  for (let bit = 0; bit < prefixLength; bit += 1) {
    const mask = 0x80 >> (bit & 7);
    if ((((dst.address[bit >> 3] ?? 0) ^ (address[bit >> 3] ?? 0)) & mask) !== 0) return false;
  }
  return true;
}
