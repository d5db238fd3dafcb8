import { AF, RTAX, RTM } from "../../../src/wire/pfroute/constants.ts";
import type { RouteEntry, RouteMask, RouteMetrics } from "./route-entry.ts";
import { isZero, type ScopedAddress, sockaddrOf, withoutScope } from "./socket-address.ts";

/** The sockaddrs of a message by place (RTAX_*). */
export type MessageSockaddrs = Readonly<Partial<Record<number, Uint8Array | null>>>;

export const routeHeaderLength = 92;

const headerLengths: Readonly<Record<number, number>> = {
  [RTM.NEWADDR]: 20,
  [RTM.DELADDR]: 20,
  [RTM.NEWMADDR]: 16,
  [RTM.DELMADDR]: 16,
  [RTM.IFINFO]: 112,
  [RTM.IFINFO2]: 160,
  [RTM.NEWMADDR2]: 20,
};

/** A message before its header is filled in: length, version, type and sockaddrs stand. */
export interface DraftMessage {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** RTA_* bits of the places that are filled. */
  readonly addrs: number;
}

/**
 * Lays a message out. Answers and dumps pad every sockaddr to 4 bytes; a notice to the sockets does not pad its
 * last one, and one of length 0 at the end has no bytes there.
 */
export function draftMessage(
  type: number,
  sockaddrs: MessageSockaddrs,
  form: "padded" | "notice",
): DraftMessage {
  let at = headerLengths[type] ?? routeHeaderLength;
  let length = at;
  let addrs = 0;
  const placed: [number, Uint8Array][] = [];
  for (let place = 0; place < RTAX.MAX; place += 1) {
    const sockaddr = sockaddrs[place] ?? null;
    if (sockaddr === null) continue;
    addrs |= 1 << place;
    placed.push([at, sockaddr]);
    length = at + sockaddr.length;
    at += sockaddr.length === 0 ? 4 : (sockaddr.length + 3) & ~3;
  }
  if (form === "padded") length = at;
  const bytes = new Uint8Array(length);
  for (const [offset, sockaddr] of placed) bytes.set(sockaddr, offset);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, length, true);
  view.setUint8(2, 5);
  view.setUint8(3, type);
  return { bytes, view, addrs };
}

/** The destination as messages show it: an embedded scope stays, a scope id does not. */
function visibleKey(key: ScopedAddress): Uint8Array {
  return sockaddrOf(withoutScope(key));
}

/**
 * The mask as messages show it: header bytes all ones, cut after the last byte that is not 0, nothing at all
 * for a default. Only GET, GET2 and dumps cut an IPv6 mask that has a scope or a length.
 */
export function visibleMask(
  mask: RouteMask | null,
  family: number,
  type: number,
): Uint8Array | null {
  if (mask === null) return null;
  const start = family === AF.INET ? 4 : 8;
  const whole = new Uint8Array(family === AF.INET ? 16 : 28);
  whole.fill(0xff, 1, start);
  whole.set(mask.bytes, start);
  let length = start + mask.bytes.length;
  while (length > start && whole[length - 1] === 0) length -= 1;
  const empty = isZero(mask.bytes) && mask.scope === 0;
  if (family === AF.INET6 && !empty && type !== RTM.GET && type !== RTM.GET2) length = 28;
  if (length === start) return new Uint8Array();
  whole[0] = length;
  return whole.slice(0, length);
}

/** DST, GATEWAY, NETMASK and GENMASK of an entry. */
export function entrySockaddrs(entry: RouteEntry, type: number): MessageSockaddrs {
  return {
    [RTAX.DST]: visibleKey(entry.key),
    [RTAX.GATEWAY]: entry.gateway,
    [RTAX.NETMASK]: visibleMask(entry.mask, entry.key.family, type),
    [RTAX.GENMASK]: entry.genmask,
  };
}

/** Writes rt_metrics into a message whose header is rt_msghdr or rt_msghdr2. */
export function writeMetrics(view: DataView, metrics: RouteMetrics): void {
  const fields = [
    metrics.locks,
    metrics.mtu,
    metrics.hopCount,
    metrics.expire,
    metrics.receivePipe,
    metrics.sendPipe,
    metrics.threshold,
    metrics.roundTrip,
    metrics.roundTripVariance,
    ...new Array<number>(5).fill(0),
  ];
  for (const [at, value] of fields.entries()) view.setUint32(36 + at * 4, value, true);
}
