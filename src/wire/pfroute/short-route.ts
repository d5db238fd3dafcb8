import { DecodeError } from "../decode-error.ts";
import { AF, RTAX, RTF } from "./constants.ts";
import type { RouteLayout, RoutingFormat } from "./format.ts";
import { decodeMessage, type RouteMessage } from "./message.ts";

/** What a walk met besides the routes that it kept. */
export interface WalkCounts {
  /** Messages whose length field could be trusted. */
  readonly messages: number;
  /** Messages that should have been looked at and could not be read. */
  readonly undecodable: number;
  /** Bytes at the end that belong to no whole message. */
  readonly left: number;
}

const commonHeaderLength = 4;
const hostFlag = RTF.HOST;
const inet6Family = AF.INET6;
const gatewayPlace = 1 << RTAX.GATEWAY;
const networkPlaces = (1 << RTAX.DST) | (1 << RTAX.NETMASK);

/** Where the address begins in a sockaddr_in and a sockaddr_in6. */
const inetStart = 4;
const inet6Start = 8;

/** An address has 32 bits at least, so a host route is never short. */
const shortAtMost = 31;

/**
 * Visits the network routes of a sysctl answer (NET_RT_DUMP, NET_RT_DUMP2, NET_RT_FLAGS) whose prefix is not
 * longer than `maxPrefixLength`, at most 31. A route that is not kept costs no object: one bit of its mask
 * is looked at where it stands. Never throws for what the buffer holds.
 */
export function visitShortRoutes(
  buffer: Uint8Array,
  format: RoutingFormat,
  maxPrefixLength: number,
  keep: (route: RouteMessage, bytes: Uint8Array) => void,
): WalkCounts {
  if (maxPrefixLength > shortAtMost)
    throw new RangeError(`a short prefix has at most ${shortAtMost} bits, not ${maxPrefixLength}`);
  // A mask without gaps is longer than the limit when the bit after the limit is set.
  const limitByte = maxPrefixLength >> 3;
  const limitBit = 0x80 >> (maxPrefixLength & 7);
  const pad = format.sockaddrAlignment - 1;
  const bufferLength = buffer.length;
  let messages = 0;
  let undecodable = 0;
  let start = 0;
  let type = -1;
  let headerLength = 0;
  let flagsAt = 0;
  let addrsAt = 0;
  while (start + commonHeaderLength <= bufferLength) {
    const end = start + ((buffer[start] ?? 0) | ((buffer[start + 1] ?? 0) << 8));
    if (end < start + commonHeaderLength || end > bufferLength) break;
    messages += 1;
    if (buffer[start + 3] !== type) {
      type = buffer[start + 3] ?? 0;
      const layout = routeLayout(format, type);
      headerLength = layout?.headerLength ?? 0;
      flagsAt = layout?.flags ?? 0;
      addrsAt = layout?.addrs ?? 0;
    }
    if (headerLength !== 0) {
      let at = start + headerLength;
      if (at > end) undecodable += 1;
      else if (((buffer[start + flagsAt] ?? 0) & hostFlag) === 0) {
        const addrs = buffer[start + addrsAt] ?? 0;
        if ((addrs & networkPlaces) === networkPlaces && at < end) {
          // A sockaddr of length 0 takes one unit, as one of length 1 does.
          const first = buffer[at + 1] === inet6Family ? inet6Start : inetStart;
          at += ((buffer[at] || 1) + pad) & ~pad;
          if ((addrs & gatewayPlace) !== 0 && at < end) at += ((buffer[at] || 1) + pad) & ~pad;
          const limit = first + limitByte;
          const length = at < end ? (buffer[at] ?? 0) : 0;
          if (at + length > end) undecodable += 1;
          else if (length <= limit || ((buffer[at + limit] ?? 0) & limitBit) === 0) {
            const bytes = buffer.subarray(start, end);
            const route = decodeRoute(bytes, format);
            if (route === null) undecodable += 1;
            else if (route.prefixLength !== null && route.prefixLength <= maxPrefixLength)
              keep(route, bytes);
          }
        }
      }
    }
    start = end;
  }
  return { messages, undecodable, left: bufferLength - start };
}

function routeLayout(format: RoutingFormat, type: number): RouteLayout | null {
  const layout = format.layouts.get(type);
  return layout?.kind === "route" ? layout : null;
}

function decodeRoute(message: Uint8Array, format: RoutingFormat): RouteMessage | null {
  try {
    const route = decodeMessage(message, format);
    return route.kind === "route" ? route : null;
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}
