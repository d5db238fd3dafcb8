import { DecodeError } from "../decode-error.ts";
import { type Attribute, decodeAttributes, decodeU16, decodeU32 } from "./attribute.ts";
import { readU8, readU16, readU32 } from "./host-order.ts";
import * as nha from "./nexthop-constants.ts";

/** struct nexthop_grp: one member of a group. */
interface NexthopGroupMember {
  readonly id: number;
  /** One less than the member's weight. */
  readonly weight: number;
}

/** RTM_NEWNEXTHOP or RTM_DELNEXTHOP: struct nhmsg and its attributes. Null: the attribute is not there. */
export interface NexthopMessage {
  /** Of the gateway; AF_UNSPEC for a group. */
  readonly family: number;
  readonly scope: number;
  /** RTPROT_*. */
  readonly protocol: number;
  /** RTNH_F_*. */
  readonly flags: number;
  readonly id: number | null;
  readonly group: readonly NexthopGroupMember[] | null;
  /** NEXTHOP_GRP_TYPE_*: 0 shares by hash threshold, 1 is resilient. */
  readonly groupType: number | null;
  readonly blackhole: boolean;
  readonly oif: number | null;
  readonly gateway: Uint8Array | null;
  readonly encapType: number | null;
  readonly encap: Attribute | null;
  /** Belongs to a bridge's forwarding database, not to routes. */
  readonly fdb: boolean;
  readonly unknown: readonly Attribute[];
}

/** Bytes of struct nhmsg. */
export const nhmsgLength = 8;

/**
 * Decodes the body of a nexthop message. What it returns holds no view of `body`.
 *
 * @throws DecodeError
 */
export function decodeNexthop(body: Uint8Array): NexthopMessage {
  const bytes = body.slice();
  if (bytes.length < nhmsgLength)
    throw new DecodeError("truncated", `cannot decode a nexthop: ${bytes.length} bytes`);
  const unknown: Attribute[] = [];
  const nexthop: { -readonly [Key in keyof NexthopMessage]: NexthopMessage[Key] } = {
    family: readU8(bytes, 0),
    scope: readU8(bytes, 1),
    protocol: readU8(bytes, 2),
    flags: readU32(bytes, 4),
    id: null,
    group: null,
    groupType: null,
    blackhole: false,
    oif: null,
    gateway: null,
    encapType: null,
    encap: null,
    fdb: false,
    unknown,
  };
  for (const attribute of decodeAttributes(bytes, nhmsgLength)) {
    const { type, value } = attribute;
    if (type === nha.NHA_ID) nexthop.id = decodeU32(value);
    else if (type === nha.NHA_GROUP) nexthop.group = decodeGroup(value);
    else if (type === nha.NHA_GROUP_TYPE) nexthop.groupType = decodeU16(value);
    else if (type === nha.NHA_BLACKHOLE) nexthop.blackhole = true;
    else if (type === nha.NHA_OIF) nexthop.oif = decodeU32(value);
    else if (type === nha.NHA_GATEWAY) nexthop.gateway = value;
    else if (type === nha.NHA_ENCAP_TYPE) nexthop.encapType = decodeU16(value);
    else if (type === nha.NHA_ENCAP) nexthop.encap = attribute;
    else if (type === nha.NHA_FDB) nexthop.fdb = true;
    else unknown.push(attribute);
  }
  return nexthop;
}

const memberLength = 8; // u32 id; u8 weight; u8 its high byte, since Linux 6.12, 0 before; u16 reserved

function decodeGroup(value: Uint8Array): NexthopGroupMember[] {
  if (value.length % memberLength !== 0)
    throw new DecodeError("malformed", `cannot decode a nexthop group of ${value.length} bytes`);
  const members: NexthopGroupMember[] = [];
  for (let at = 0; at < value.length; at += memberLength)
    members.push({ id: readU32(value, at), weight: readU16(value, at + 4) });
  return members;
}
