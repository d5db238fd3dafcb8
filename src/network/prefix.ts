/** Addresses that begin alike: the bytes of the first of them, and how many bits count. */
export interface Prefix {
  /** Canonical text, with its length: `10.0.0.0/8`. */
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly length: number;
}

/** Whether the first `length` bits of two addresses are the same; false for addresses of different families. */
export function sharePrefix(one: Uint8Array, other: Uint8Array, length: number): boolean {
  if (one.length !== other.length) return false;
  const whole = length >> 3;
  for (let at = 0; at < whole; at += 1) if (one[at] !== other[at]) return false;
  const rest = length & 7;
  if (rest === 0) return true;
  return (((one[whole] ?? 0) ^ (other[whole] ?? 0)) & (0xff00 >> rest) & 0xff) === 0;
}
