import { DecodeError } from "../decode-error.ts";
import { readU8, readU16, readU16Network, readU32, writeU16, writeU32 } from "./host-order.ts";

/** The value is a list of attributes. Older parts of the kernel nest without saying so. */
export const NLA_F_NESTED = 0x8000;
export const NLA_F_NET_BYTEORDER = 0x4000;

/** One attribute: struct nlattr (linux/netlink.h) and its value without padding. */
export interface Attribute {
  /** Without the two flag bits. */
  readonly type: number;
  /** NLA_F_NESTED, NLA_F_NET_BYTEORDER, or 0: kept so that unknown attributes go back as they came. */
  readonly flags: number;
  readonly value: Uint8Array;
}

const headerLength = 4; // u16 nla_len, header included; u16 nla_type
const typeMask = 0x3fff;
const maximumValueLength = 0xffff - headerLength;

/**
 * Walks a list of attributes from `start` to `end`; offsets count from the start of `bytes`. The visitor
 * returns false to stop.
 *
 * @throws DecodeError when an attribute overruns the list or is shorter than its header
 */
export function forEachAttribute(
  bytes: Uint8Array,
  start: number,
  end: number,
  visit: (type: number, offset: number, length: number, flags: number) => boolean | undefined,
): void {
  let at = start;
  while (at < end) {
    if (end - at < headerLength)
      throw new DecodeError("truncated", `cannot split an attribute: ${end - at} bytes are left`);
    const length = readU16(bytes, at);
    const type = readU16(bytes, at + 2);
    if (length < headerLength)
      throw new DecodeError("malformed", `cannot split attribute ${type}: its length is ${length}`);
    if (length > end - at)
      throw new DecodeError(
        "truncated",
        `cannot split attribute ${type}: ${length} bytes long, ${end - at} there`,
      );
    const goOn = visit(type & typeMask, at + headerLength, length - headerLength, type & ~typeMask);
    if (goOn === false) return;
    at += (length + 3) & ~3;
  }
}

/**
 * Splits a list of attributes. Values are views, not copies.
 *
 * @throws DecodeError when an attribute overruns the list or is shorter than its header
 */
export function decodeAttributes(bytes: Uint8Array, start = 0): Attribute[] {
  const attributes: Attribute[] = [];
  if (start > bytes.length)
    throw new DecodeError("truncated", `cannot find attributes at ${start} of ${bytes.length}`);
  forEachAttribute(bytes, start, bytes.length, (type, offset, length, flags) => {
    attributes.push({ type, flags, value: bytes.subarray(offset, offset + length) });
  });
  return attributes;
}

/**
 * A fixed header and the attributes after it, each padded to 4 with zeros.
 *
 * @throws RangeError when a value does not fit the sixteen bits of nla_len
 */
export function encodeAttributes(
  attributes: readonly Attribute[],
  header: Uint8Array = new Uint8Array(0),
): Uint8Array {
  let length = header.length;
  for (const { type, value } of attributes) {
    if (value.length > maximumValueLength)
      throw new RangeError(`cannot encode attribute ${type}: ${value.length} bytes are too many`);
    length += (headerLength + value.length + 3) & ~3;
  }
  const bytes = new Uint8Array(length);
  bytes.set(header);
  let at = header.length;
  for (const { type, flags, value } of attributes) {
    writeU16(bytes, at, headerLength + value.length);
    writeU16(bytes, at + 2, type | flags);
    bytes.set(value, at + headerLength);
    at += (headerLength + value.length + 3) & ~3;
  }
  return bytes;
}

/** @throws DecodeError when the value has not exactly one byte */
export function decodeU8(value: Uint8Array): number {
  return readU8(sized(value, 1), 0);
}

/** @throws DecodeError when the value has not exactly two bytes */
export function decodeU16(value: Uint8Array): number {
  return readU16(sized(value, 2), 0);
}

/** A number in network order: ports.
 *
 * @throws DecodeError when the value has not exactly two bytes */
export function decodeU16Network(value: Uint8Array): number {
  return readU16Network(sized(value, 2), 0);
}

/** @throws DecodeError when the value has not exactly four bytes */
export function decodeU32(value: Uint8Array): number {
  return readU32(sized(value, 4), 0);
}

/** An attribute of raw bytes. */
export function bytesAttribute(type: number, value: Uint8Array): Attribute {
  return { type, flags: 0, value };
}

export function u8Attribute(type: number, value: number): Attribute {
  return bytesAttribute(type, Uint8Array.of(value));
}

export function u16Attribute(type: number, value: number): Attribute {
  return bytesAttribute(type, Uint8Array.of(value, value >>> 8));
}

/** A number in network order: ports. */
export function u16NetworkAttribute(type: number, value: number): Attribute {
  return bytesAttribute(type, Uint8Array.of(value >>> 8, value));
}

export function u32Attribute(type: number, value: number): Attribute {
  const bytes = new Uint8Array(4);
  writeU32(bytes, 0, value);
  return bytesAttribute(type, bytes);
}

function sized(value: Uint8Array, length: number): Uint8Array {
  if (value.length !== length)
    throw new DecodeError(
      "malformed",
      `cannot decode a value of ${value.length} bytes: not ${length}`,
    );
  return value;
}
