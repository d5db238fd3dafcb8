import { DecodeError } from "../decode-error.ts";
import {
  IFA_ADDRESS,
  IFA_BROADCAST,
  IFA_CACHEINFO,
  IFA_FLAGS,
  IFA_LABEL,
  IFA_LOCAL,
  IFA_PROTO,
  IFA_RT_PRIORITY,
} from "./address-constants.ts";
import { type Attribute, decodeAttributes, decodeU8, decodeU32 } from "./attribute.ts";
import { readU8, readU32, writeU32 } from "./host-order.ts";
import { decodeString } from "./text-attribute.ts";

/** struct ifa_cacheinfo: lifetimes in seconds from now, stamps in hundredths of a second since boot. */
interface AddressCacheInfo {
  readonly prefered: number;
  readonly valid: number;
  readonly cstamp: number;
  readonly tstamp: number;
}

/** RTM_NEWADDR or RTM_DELADDR: struct ifaddrmsg and its attributes. Null: the attribute is not there. */
export interface AddressMessage {
  readonly family: number;
  readonly prefixLength: number;
  /** IFA_F_*: IFA_FLAGS when it is there, else the eight bits of the header. */
  readonly flags: number;
  /** RT_SCOPE_*. */
  readonly scope: number;
  readonly index: number;
  /** The peer's address when there is a peer, else the same as `local`. */
  readonly address: Uint8Array | null;
  /** IPv4 always has it, IPv6 only with a peer. */
  readonly local: Uint8Array | null;
  readonly label: string | null;
  readonly broadcast: Uint8Array | null;
  readonly cacheinfo: AddressCacheInfo | null;
  /** IFAPROT_*: who gave it. */
  readonly proto: number | null;
  readonly rtPriority: number | null;
  readonly unknown: readonly Attribute[];
}

/** Bytes of struct ifaddrmsg. */
export const ifaddrmsgLength = 8;

/**
 * Decodes the body of an address message. What it returns holds no view of `body`.
 *
 * @throws DecodeError
 */
export function decodeAddress(body: Uint8Array): AddressMessage {
  const bytes = body.slice();
  if (bytes.length < ifaddrmsgLength)
    throw new DecodeError("truncated", `cannot decode an address: ${bytes.length} bytes`);
  const message: { -readonly [Key in keyof AddressMessage]: AddressMessage[Key] } = {
    family: readU8(bytes, 0),
    prefixLength: readU8(bytes, 1),
    flags: readU8(bytes, 2),
    scope: readU8(bytes, 3),
    index: readU32(bytes, 4),
    address: null,
    local: null,
    label: null,
    broadcast: null,
    cacheinfo: null,
    proto: null,
    rtPriority: null,
    unknown: [],
  };
  const unknown: Attribute[] = [];
  for (const attribute of decodeAttributes(bytes, ifaddrmsgLength)) {
    const { type, value } = attribute;
    if (type === IFA_ADDRESS) message.address = value;
    else if (type === IFA_LOCAL) message.local = value;
    else if (type === IFA_LABEL) message.label = decodeString(value);
    else if (type === IFA_BROADCAST) message.broadcast = value;
    else if (type === IFA_FLAGS) message.flags = decodeU32(value);
    else if (type === IFA_CACHEINFO) message.cacheinfo = decodeCacheInfo(value);
    else if (type === IFA_PROTO) message.proto = decodeU8(value);
    else if (type === IFA_RT_PRIORITY) message.rtPriority = decodeU32(value);
    else unknown.push(attribute);
  }
  message.unknown = unknown;
  return message;
}

/** struct ifaddrmsg with only family and index, as requests want it. */
export function encodeIfaddrmsg(family: number, index: number): Uint8Array {
  const bytes = new Uint8Array(ifaddrmsgLength);
  bytes[0] = family;
  writeU32(bytes, 4, index);
  return bytes;
}

function decodeCacheInfo(value: Uint8Array): AddressCacheInfo {
  return {
    prefered: readU32(value, 0),
    valid: readU32(value, 4),
    cstamp: readU32(value, 8),
    tstamp: readU32(value, 12),
  };
}
