import { AF, RTAX } from "../../../src/wire/pfroute/constants.ts";
import { Errno } from "./errno.ts";
import {
  embeddedScopeOf,
  embedsScope,
  familyOf,
  scopedAddressOf,
  setScope,
} from "./socket-address.ts";

/** The longest sockaddr that a request may hold (struct sockaddr_storage). */
const longest = 128;

/** The sockaddrs of a request by place; views of its bytes, or stand-ins for what was widened. */
export type RequestSockaddrs = (Uint8Array | null)[];

/** What the kernel takes a sockaddr of length 0 for: a whole sockaddr_in of zero bytes. */
function zeroSockaddr(): Uint8Array {
  const sockaddr = new Uint8Array(16);
  sockaddr.set([16, AF.INET]);
  return sockaddr;
}

/** Finds the sockaddrs behind the header; an errno when one does not fit. */
export function findSockaddrs(message: Uint8Array, start: number): RequestSockaddrs | number {
  const addrs = new DataView(message.buffer, message.byteOffset).getInt32(12, true);
  const sockaddrs: RequestSockaddrs = new Array<null>(RTAX.MAX).fill(null);
  let at = start;
  for (let place = 0; place < RTAX.MAX && at < message.length; place += 1) {
    if ((addrs & (1 << place)) === 0) continue;
    const length = message[at] ?? 0;
    if (at + length > message.length || length > longest) return Errno.EINVAL;
    if (length === 0) {
      sockaddrs[place] = zeroSockaddr();
      return sockaddrs; // whatever the other bits say, nothing follows
    }
    if (length < 2) return Errno.EINVAL;
    sockaddrs[place] = message.subarray(at, at + length);
    at += (length + 3) & ~3;
  }
  return sockaddrs;
}

/**
 * Makes destination and gateway whole. A shortened sockaddr_in is widened in a copy, the others are changed
 * where they stand, so the echo shows it: the scope id of IPv4 is cleared, and that of a link-local IPv6
 * destination taken out of the address.
 *
 * @returns an errno, 0 when they can be used
 */
export function normalizeSockaddrs(sockaddrs: RequestSockaddrs): number {
  const destination = sockaddrs[RTAX.DST] ?? null;
  const gateway = sockaddrs[RTAX.GATEWAY] ?? null;
  if (destination === null || familyOf(destination) >= AF.MAX) return Errno.EINVAL;
  if (gateway !== null && familyOf(gateway) >= AF.MAX) return Errno.EINVAL;
  for (const place of [RTAX.DST, RTAX.GATEWAY]) {
    const sockaddr = sockaddrs[place] ?? null;
    if (sockaddr === null) continue;
    const family = familyOf(sockaddr);
    if (family === AF.INET && sockaddr.length !== 16) {
      if (sockaddr.length < 8) return Errno.EINVAL;
      const whole = new Uint8Array(16);
      whole.set(sockaddr.subarray(0, 8));
      whole[0] = 16;
      sockaddrs[place] = whole;
    } else if (family === AF.INET6 && sockaddr.length < 28) return Errno.EINVAL;
  }
  return Errno.OK;
}

/** Clears or moves the scopes that a sender may have left in the sockaddrs. */
export function normalizeScopes(sockaddrs: RequestSockaddrs): void {
  for (const place of [RTAX.DST, RTAX.GATEWAY]) {
    const sockaddr = sockaddrs[place] ?? null;
    if (sockaddr !== null && familyOf(sockaddr) === AF.INET) setScope(sockaddr, 0);
  }
  const destination = sockaddrs[RTAX.DST] ?? null;
  if (destination === null || familyOf(destination) !== AF.INET6) return;
  const address = scopedAddressOf(destination);
  if (!embedsScope(address) || address.scope !== 0) return;
  setScope(destination, embeddedScopeOf(address.bytes));
  destination.fill(0, 10, 12);
}

/** The only GENMASK that the kernel takes is one in its own form: cut after the last byte that is not 0. */
export function isAcceptableGenmask(genmask: Uint8Array): boolean {
  return genmask[genmask.length - 1] !== 0;
}
