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
  const start = addressStart(family);
  if (start === null) return null;
  const bytes = mask.subarray(start, start + addressBits(family) / 8);
  const whole = bytes.findIndex((byte) => byte !== 0xff);
  if (whole < 0) return bytes.length * 8;
  const last = bytes[whole] ?? 0;
  const ones = Math.clz32(~(last << 24));
  if (((last << ones) & 0xff) !== 0) return null;
  return bytes.subarray(whole + 1).every((byte) => byte === 0) ? whole * 8 + ones : null;
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
