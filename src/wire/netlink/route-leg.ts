import { DecodeError } from "../decode-error.ts";
import {
  type Attribute,
  bytesAttribute,
  decodeAttributes,
  decodeU16,
  decodeU32,
  encodeAttributes,
  u16Attribute,
  u32Attribute,
} from "./attribute.ts";
import { readI32, readU8, readU16, writeU16, writeU32 } from "./host-order.ts";
import { RTA_ENCAP, RTA_ENCAP_TYPE, RTA_FLOW, RTA_GATEWAY, RTA_VIA } from "./route-constants.ts";

/** struct rtvia: a gateway whose family is not the route's. */
export interface Via {
  readonly family: number;
  readonly address: Uint8Array;
}

/** One leg of RTA_MULTIPATH: struct rtnexthop and its attributes. */
export interface RouteLeg {
  /** RTNH_F_*. */
  readonly flags: number;
  /** One less than the leg's weight. */
  readonly hops: number;
  readonly ifindex: number;
  readonly gateway: Uint8Array | null;
  readonly via: Via | null;
  readonly flow: number | null;
  readonly encapType: number | null;
  readonly encap: Attribute | null;
  readonly unknown: readonly Attribute[];
}

/** A leg with nothing in it, to spread into new ones. */
export const emptyLeg: RouteLeg = {
  flags: 0,
  hops: 0,
  ifindex: 0,
  gateway: null,
  via: null,
  flow: null,
  encapType: null,
  encap: null,
  unknown: [],
};

const rtnexthopLength = 8; // u16 rtnh_len, header included; u8 flags; u8 hops; i32 ifindex

/** @throws DecodeError */
export function decodeMultipath(value: Uint8Array): RouteLeg[] {
  const legs: RouteLeg[] = [];
  let at = 0;
  while (at < value.length) {
    const left = value.length - at;
    const length = left < rtnexthopLength ? left : readU16(value, at);
    if (length < rtnexthopLength || length > left)
      throw new DecodeError("malformed", `cannot split a leg: ${length} bytes long, ${left} there`);
    legs.push(decodeLeg(value.subarray(at, at + length)));
    at += (length + 3) & ~3;
  }
  return legs;
}

export function encodeMultipath(legs: readonly RouteLeg[]): Uint8Array {
  const parts = legs.map(encodeLeg);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** @throws DecodeError */
export function decodeVia(value: Uint8Array): Via {
  return { family: readU16(value, 0), address: value.subarray(2) };
}

export function encodeVia(via: Via): Uint8Array {
  const bytes = new Uint8Array(2 + via.address.length);
  writeU16(bytes, 0, via.family);
  bytes.set(via.address, 2);
  return bytes;
}

function decodeLeg(bytes: Uint8Array): RouteLeg {
  const unknown: Attribute[] = [];
  const leg: { -readonly [Key in keyof RouteLeg]: RouteLeg[Key] } = {
    ...emptyLeg,
    flags: readU8(bytes, 2),
    hops: readU8(bytes, 3),
    ifindex: readI32(bytes, 4),
    unknown,
  };
  for (const attribute of decodeAttributes(bytes, rtnexthopLength)) {
    const { type, value } = attribute;
    if (type === RTA_GATEWAY) leg.gateway = value;
    else if (type === RTA_VIA) leg.via = decodeVia(value);
    else if (type === RTA_FLOW) leg.flow = decodeU32(value);
    else if (type === RTA_ENCAP_TYPE) leg.encapType = decodeU16(value);
    else if (type === RTA_ENCAP) leg.encap = attribute;
    else unknown.push(attribute);
  }
  return leg;
}

function encodeLeg(leg: RouteLeg): Uint8Array {
  const header = new Uint8Array(rtnexthopLength);
  header[2] = leg.flags;
  header[3] = leg.hops;
  writeU32(header, 4, leg.ifindex);
  const attributes: Attribute[] = [];
  if (leg.gateway !== null) attributes.push(bytesAttribute(RTA_GATEWAY, leg.gateway));
  if (leg.via !== null) attributes.push(bytesAttribute(RTA_VIA, encodeVia(leg.via)));
  if (leg.flow !== null) attributes.push(u32Attribute(RTA_FLOW, leg.flow));
  if (leg.encap !== null) attributes.push(leg.encap);
  if (leg.encapType !== null) attributes.push(u16Attribute(RTA_ENCAP_TYPE, leg.encapType));
  attributes.push(...leg.unknown);
  const bytes = encodeAttributes(attributes, header);
  writeU16(bytes, 0, bytes.length);
  return bytes;
}
