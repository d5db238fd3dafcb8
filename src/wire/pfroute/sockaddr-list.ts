import { DecodeError } from "../decode-error.ts";
import { RTAX } from "./constants.ts";

/** The packed sockaddrs of a message by place (RTAX_*); null where there is none. Views, not copies. */
export type SockaddrSlots = readonly (Uint8Array | null)[];

/**
 * Splits the sockaddrs that stand between `start` and the end of a message. Each takes its length rounded up,
 * or one alignment unit when its length is 0, with two exceptions that the kernel itself makes in what it
 * sends to sockets: the last one is not padded, and a last one of length 0 has no bytes at all.
 *
 * @throws DecodeError
 */
export function splitSockaddrs(
  message: Uint8Array,
  start: number,
  addrs: number,
  alignment: number,
): SockaddrSlots {
  const slots: (Uint8Array | null)[] = new Array<null>(RTAX.MAX).fill(null);
  let at = start;
  for (let place = 0; place < RTAX.MAX; place += 1) {
    if ((addrs & (1 << place)) === 0) continue;
    if (at >= message.length) {
      const later = (addrs & 0xff) >> (place + 1);
      if (at === message.length && later === 0) return slots;
      throw new DecodeError(
        "truncated",
        `cannot read sockaddr ${place}: the message ends before it`,
      );
    }
    const length = message[at] ?? 0;
    if (at + length > message.length)
      throw new DecodeError(
        "truncated",
        `cannot read sockaddr ${place}: it has ${length} bytes and ${message.length - at} are left`,
      );
    slots[place] = message.subarray(at, at + length);
    at += paddedLength(length, alignment);
  }
  return slots;
}

/** The bytes that a sockaddr of this length takes among others. */
export function paddedLength(length: number, alignment: number): number {
  return length === 0 ? alignment : Math.ceil(length / alignment) * alignment;
}
