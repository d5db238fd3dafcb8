import { DecodeError } from "../decode-error.ts";
import { type Attribute, decodeAttributes, decodeU8, decodeU32 } from "./attribute.ts";
import { readI32, readU8, readU16, readU32, readU64, writeU16, writeU32 } from "./host-order.ts";
import {
  IFLA_ADDRESS,
  IFLA_BROADCAST,
  IFLA_CARRIER,
  IFLA_GROUP,
  IFLA_IFNAME,
  IFLA_INFO_KIND,
  IFLA_INFO_SLAVE_KIND,
  IFLA_LINK,
  IFLA_LINK_NETNSID,
  IFLA_LINKINFO,
  IFLA_MASTER,
  IFLA_MTU,
  IFLA_OPERSTATE,
  IFLA_PARENT_DEV_NAME,
  IFLA_PERM_ADDRESS,
  IFLA_STATS64,
} from "./link-constants.ts";
import { decodeString } from "./text-attribute.ts";

/** The head of struct rtnl_link_stats64: counters since the device was made. */
interface LinkStatistics {
  readonly rxPackets: number;
  readonly txPackets: number;
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly rxErrors: number;
  readonly txErrors: number;
  readonly rxDropped: number;
  readonly txDropped: number;
}

/** RTM_NEWLINK or RTM_DELLINK: struct ifinfomsg and its attributes. Null: the attribute is not there. */
export interface LinkMessage {
  /**
   * AF_UNSPEC, or AF_BRIDGE: such a message speaks of a port of a bridge, and as RTM_DELLINK it says only
   * that the port left, not that the link is gone.
   */
  readonly family: number;
  /** ARPHRD_*. */
  readonly type: number;
  readonly index: number;
  /** IFF_*. */
  readonly flags: number;
  readonly change: number;
  readonly ifname: string | null;
  readonly address: Uint8Array | null;
  readonly broadcast: Uint8Array | null;
  readonly permAddress: Uint8Array | null;
  readonly mtu: number | null;
  /** IF_OPER_*. */
  readonly operstate: number | null;
  readonly carrier: boolean | null;
  /** IFLA_INFO_KIND: `veth`, `tun`; null for hardware and loopback. */
  readonly kind: string | null;
  readonly slaveKind: string | null;
  /** Index of the lower device or of the veth peer; in `linkNetnsid`'s namespace when that is there. */
  readonly link: number | null;
  readonly linkNetnsid: number | null;
  readonly master: number | null;
  readonly group: number | null;
  readonly parentDevName: string | null;
  readonly stats64: LinkStatistics | null;
  readonly unknown: readonly Attribute[];
}

/** Bytes of struct ifinfomsg. */
export const ifinfomsgLength = 16;

/**
 * Decodes the body of a link message. What it returns holds no view of `body`.
 *
 * @throws DecodeError
 */
export function decodeLink(body: Uint8Array): LinkMessage {
  const bytes = body.slice();
  if (bytes.length < ifinfomsgLength)
    throw new DecodeError("truncated", `cannot decode a link: ${bytes.length} bytes`);
  const link: { -readonly [Key in keyof LinkMessage]: LinkMessage[Key] } = {
    family: readU8(bytes, 0),
    type: readU16(bytes, 2),
    index: readI32(bytes, 4),
    flags: readU32(bytes, 8),
    change: readU32(bytes, 12),
    ifname: null,
    address: null,
    broadcast: null,
    permAddress: null,
    mtu: null,
    operstate: null,
    carrier: null,
    kind: null,
    slaveKind: null,
    link: null,
    linkNetnsid: null,
    master: null,
    group: null,
    parentDevName: null,
    stats64: null,
    unknown: [],
  };
  const unknown: Attribute[] = [];
  for (const attribute of decodeAttributes(bytes, ifinfomsgLength)) {
    const { type, value } = attribute;
    if (type === IFLA_IFNAME) link.ifname = decodeString(value);
    else if (type === IFLA_ADDRESS) link.address = value;
    else if (type === IFLA_BROADCAST) link.broadcast = value;
    else if (type === IFLA_PERM_ADDRESS) link.permAddress = value;
    else if (type === IFLA_MTU) link.mtu = decodeU32(value);
    else if (type === IFLA_OPERSTATE) link.operstate = decodeU8(value);
    else if (type === IFLA_CARRIER) link.carrier = decodeU8(value) !== 0;
    else if (type === IFLA_LINK) link.link = decodeU32(value);
    else if (type === IFLA_LINK_NETNSID) link.linkNetnsid = decodeU32(value) | 0;
    else if (type === IFLA_MASTER) link.master = decodeU32(value);
    else if (type === IFLA_GROUP) link.group = decodeU32(value);
    else if (type === IFLA_PARENT_DEV_NAME) link.parentDevName = decodeString(value);
    else if (type === IFLA_STATS64) link.stats64 = decodeStatistics(value);
    else if (type === IFLA_LINKINFO) Object.assign(link, decodeLinkInfo(value));
    else unknown.push(attribute);
  }
  link.unknown = unknown;
  return link;
}

/** struct ifinfomsg with only family and index, as requests want it. */
export function encodeIfinfomsg(family: number, index: number): Uint8Array {
  const bytes = new Uint8Array(ifinfomsgLength);
  writeU16(bytes, 0, family);
  writeU32(bytes, 4, index);
  return bytes;
}

function decodeLinkInfo(value: Uint8Array): { kind: string | null; slaveKind: string | null } {
  let kind: string | null = null;
  let slaveKind: string | null = null;
  for (const nested of decodeAttributes(value)) {
    if (nested.type === IFLA_INFO_KIND) kind = decodeString(nested.value);
    else if (nested.type === IFLA_INFO_SLAVE_KIND) slaveKind = decodeString(nested.value);
  }
  return { kind, slaveKind };
}

// struct rtnl_link_stats64 grows at its end with the kernel; the eight first counters have been there always.
function decodeStatistics(value: Uint8Array): LinkStatistics {
  return {
    rxPackets: readU64(value, 0),
    txPackets: readU64(value, 8),
    rxBytes: readU64(value, 16),
    txBytes: readU64(value, 24),
    rxErrors: readU64(value, 32),
    txErrors: readU64(value, 40),
    rxDropped: readU64(value, 48),
    txDropped: readU64(value, 56),
  };
}
