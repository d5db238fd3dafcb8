import { AF, RTF } from "../../../src/wire/pfroute/constants.ts";
import type { Interface, InterfaceAddress } from "./kernel.ts";
import { equalBytes, isZero, type ScopedAddress } from "./socket-address.ts";

/** The bits of a key that count. The scope of a scoped route is a mask of its own value. */
export interface RouteMask {
  readonly bytes: Uint8Array;
  readonly scope: number;
}

/** rt_metrics, in the order of its 14 fields. */
export interface RouteMetrics {
  locks: number;
  mtu: number;
  hopCount: number;
  /** Seconds since the epoch; 0 for never. */
  expire: number;
  receivePipe: number;
  sendPipe: number;
  threshold: number;
  roundTrip: number;
  roundTripVariance: number;
}

/** One entry of the routing table. */
export interface RouteEntry {
  /** Masked already. */
  readonly key: ScopedAddress;
  /** Null for a host route. */
  readonly mask: RouteMask | null;
  /** RTF_*, but for RTF_IFREF, which follows from `references`. */
  flags: number;
  gateway: Uint8Array;
  interface: Interface;
  address: InterfaceAddress;
  /** The route that this one was cloned from. */
  parent: RouteEntry | null;
  /** The route to the gateway. */
  gatewayRoute: RouteEntry | null;
  /** How many clones and routes through it as gateway refer to it. */
  references: number;
  hasLinkInformation: boolean;
  genmask: Uint8Array | null;
  readonly metrics: RouteMetrics;
}

/** No metric set. */
export function newMetrics(): RouteMetrics {
  return {
    locks: 0,
    mtu: 0,
    hopCount: 0,
    expire: 0,
    receivePipe: 0,
    sendPipe: 0,
    threshold: 0,
    roundTrip: 0,
    roundTripVariance: 0,
  };
}

export function hasFlag(entry: RouteEntry, flag: number): boolean {
  return (entry.flags & flag) !== 0;
}

/** What the world sees: RTF_IFREF marks a unicast clone that somebody refers to. */
export function visibleFlags(entry: RouteEntry): number {
  const excluded = RTF.NOIFREF | RTF.BROADCAST | RTF.MULTICAST;
  const clone = RTF.UP | RTF.WASCLONED;
  const referred =
    entry.references > 0 && entry.parent !== null && (entry.flags & (excluded | clone)) === clone;
  return (referred ? entry.flags | RTF.IFREF : entry.flags) >>> 0;
}

/** Whether the destination is 0.0.0.0 or ::, whatever the mask: so 0.0.0.0/1 counts as a default too. */
export function isDefault(key: ScopedAddress): boolean {
  return isZero(key.bytes);
}

export function isCloning(entry: RouteEntry): boolean {
  return hasFlag(entry, RTF.CLONING | RTF.PRCLONING);
}

/** The leading one bits of the address part. */
export function specificity(mask: RouteMask | null): number {
  if (mask === null) return Number.POSITIVE_INFINITY;
  let bits = 0;
  for (const byte of mask.bytes) {
    const ones = Math.clz32(~(byte << 24));
    bits += Math.min(8, ones);
    if (ones < 8) break;
  }
  return bits;
}

export function equalMasks(left: RouteMask | null, right: RouteMask | null): boolean {
  if (left === null || right === null) return left === right;
  return left.scope === right.scope && equalBytes(left.bytes, right.bytes);
}

export function equalKeys(left: ScopedAddress, right: ScopedAddress): boolean {
  return left.scope === right.scope && equalBytes(left.bytes, right.bytes);
}

export function applyMask(address: ScopedAddress, mask: RouteMask | null): ScopedAddress {
  if (mask === null) return address;
  return {
    family: address.family,
    bytes: address.bytes.map((byte, at) => byte & (mask.bytes[at] ?? 0)),
    scope: address.scope & mask.scope,
  };
}

/** A mask given as a sockaddr, in the form of a request of this scope. Its header bytes mean nothing. */
export function maskFrom(
  sockaddr: Uint8Array,
  family: ScopedAddress["family"],
  scope: number,
): RouteMask {
  const start = family === AF.INET ? 4 : 8;
  const bytes = new Uint8Array(family === AF.INET ? 4 : 16);
  bytes.set(sockaddr.subarray(start, start + bytes.length));
  return { bytes, scope };
}
