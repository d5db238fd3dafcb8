import { parseIpAddress } from "../../network/address.ts";

/** Whether an address lies in the prefix of another; false for texts that are no addresses of one family. */
export function covers(network: string, prefixLength: number, address: string): boolean {
  const one = parseIpAddress(network);
  const other = parseIpAddress(address);
  if (one === null || other === null || one.length !== other.length) return false;
  for (let bit = 0; bit < prefixLength; bit += 1) {
    const mask = 0x80 >> (bit & 7);
    if (((one[bit >> 3] ?? 0) & mask) !== ((other[bit >> 3] ?? 0) & mask)) return false;
  }
  return true;
}
