import { AF } from "./constants.ts";
import { encodeInet, encodeInet6 } from "./sockaddr.ts";

/** Where the address begins in a sockaddr_in and in a sockaddr_in6; null for a family without prefixes. */
function addressStart(family: number): number | null {
  if (family === AF.INET) return 4;
  return family === AF.INET6 ? 8 : null;
}

/** Bits of an address of the family. */
function addressBits(family: number): number {
  return family === AF.INET ? 32 : 128;
}

/**
 * The prefix length that a packed netmask says, or null when its bits have gaps or the family has no
 * prefixes. A mask is cut after its last byte that is not zero and its header bytes are filler, so the
 * family is that of the destination (or of the interface address) beside it.
 */
export function netmaskPrefixLength(mask: Uint8Array, family: number): number | null {
  const length = packedMaskBits(mask, 0, mask.length, family);
  return length < 0 ? null : length;
}

/**
 * The same, without a view of its own: the mask stands in `bytes` at `offset`. -1 in place of null.
 */
export function packedMaskBits(
  bytes: Uint8Array,
  offset: number,
  length: number,
  family: number,
): number {
  const start = addressStart(family);
  if (start === null) return -1;
  const end = Math.min(length, start + addressBits(family) / 8);
  let bits = 0;
  let at = offset + start;
  while (at < offset + end && bytes[at] === 0xff) {
    bits += 8;
    at += 1;
  }
  if (at >= offset + end) return bits;
  const last = bytes[at] ?? 0;
  const ones = Math.clz32(~(last << 24));
  if ((last << ones) & 0xff) return -1;
  for (at += 1; at < offset + end; at += 1) if (bytes[at] !== 0) return -1;
  return bits + ones;
}

/** A netmask as a whole sockaddr of the family, the form that XNU takes for every prefix length. */
export function encodeNetmask(
  family: typeof AF.INET | typeof AF.INET6,
  prefixLength: number,
): Uint8Array {
  const address = new Uint8Array(addressBits(family) / 8);
  for (let bit = 0; bit < prefixLength; bit += 1)
    address[bit >> 3] = (address[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return family === AF.INET ? encodeInet(address) : encodeInet6(address, 0);
}
