import { DecodeError } from "../decode-error.ts";

// Netlink integers are in the host's byte order. The format that is read and written here is the one of x86-64
// and arm64 Linux, little-endian; it is fixed so that captures decode alike everywhere. Addresses and ports
// are the exception: they stay in network order, as bytes or by readU16Network().

/** @throws DecodeError when the byte is past the end */
export function readU8(bytes: Uint8Array, at: number): number {
  const value = bytes[at];
  if (value === undefined) throw pastEnd(at, 1, bytes.length);
  return value;
}

/** @throws DecodeError when the two bytes are not all there */
export function readU16(bytes: Uint8Array, at: number): number {
  const low = bytes[at];
  const high = bytes[at + 1];
  if (low === undefined || high === undefined) throw pastEnd(at, 2, bytes.length);
  return low | (high << 8);
}

/** A big-endian number: ports (RTA_SPORT, RTA_DPORT) travel in network order.
 *
 * @throws DecodeError when the two bytes are not all there */
export function readU16Network(bytes: Uint8Array, at: number): number {
  const high = readU8(bytes, at);
  return (high << 8) | readU8(bytes, at + 1);
}

/** @throws DecodeError when the four bytes are not all there */
export function readU32(bytes: Uint8Array, at: number): number {
  return readI32(bytes, at) >>> 0;
}

/** @throws DecodeError when the four bytes are not all there */
export function readI32(bytes: Uint8Array, at: number): number {
  const a = bytes[at];
  const b = bytes[at + 1];
  const c = bytes[at + 2];
  const d = bytes[at + 3];
  if (a === undefined || b === undefined || c === undefined || d === undefined)
    throw pastEnd(at, 4, bytes.length);
  return a | (b << 8) | (c << 16) | (d << 24);
}

/** A 64 bit number, which loses precision above 2^53.
 *
 * @throws DecodeError when the eight bytes are not all there */
export function readU64(bytes: Uint8Array, at: number): number {
  return readU32(bytes, at + 4) * 0x1_0000_0000 + readU32(bytes, at);
}

/** Writes 16 bits; the caller has made the room. */
export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
}

/** Writes 32 bits, signed or not; the caller has made the room. */
export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  writeU16(bytes, at, value);
  writeU16(bytes, at + 2, value >>> 16);
}

function pastEnd(at: number, count: number, length: number): DecodeError {
  return new DecodeError("truncated", `cannot read ${count} bytes at ${at}: only ${length} there`);
}
