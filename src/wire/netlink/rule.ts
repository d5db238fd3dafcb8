import { DecodeError } from "../decode-error.ts";
import {
  type Attribute,
  decodeAttributes,
  decodeU32,
  encodeAttributes,
  u32Attribute,
} from "./attribute.ts";
import {
  asBytes,
  asText,
  asU8,
  asU32,
  asWideTable,
  byType,
  bytesCodec,
  codec,
  fieldsOf,
  type Mutable,
  readFields,
  writeFields,
} from "./attribute-field.ts";
import { readU8, readU16, readU32, writeU16, writeU32 } from "./host-order.ts";
import * as fra from "./rule-constants.ts";

/** Both ends belong to the range. */
interface NumberRange {
  readonly start: number;
  readonly end: number;
}

/**
 * RTM_NEWRULE or RTM_DELRULE: struct fib_rule_hdr and its attributes. Null: the attribute is not there, or holds
 * the kernel's word for "not set".
 */
export interface RuleMessage {
  readonly family: number;
  readonly dstLength: number;
  readonly srcLength: number;
  readonly tos: number;
  /** FRA_TABLE when it is there, else the header's; 0 for actions other than FR_ACT_TO_TBL. */
  readonly table: number;
  /** FR_ACT_*. */
  readonly action: number;
  /** FIB_RULE_*. */
  readonly flags: number;
  readonly dst: Uint8Array | null;
  readonly src: Uint8Array | null;
  readonly iifname: string | null;
  readonly oifname: string | null;
  /** The rule's place: lower runs first. The kernel leaves it out when it is 0. */
  readonly priority: number | null;
  readonly fwmark: number | null;
  readonly fwmask: number | null;
  readonly flow: number | null;
  /** Eight bytes in network order. */
  readonly tunId: Uint8Array | null;
  readonly suppressIfgroup: number | null;
  /** Answers of this prefix length and shorter do not count. */
  readonly suppressPrefixlen: number | null;
  readonly l3mdev: number | null;
  readonly uidRange: NumberRange | null;
  /** RTPROT_*: who made the rule. */
  readonly protocol: number | null;
  readonly ipProto: number | null;
  readonly sportRange: NumberRange | null;
  readonly dportRange: NumberRange | null;
  /** Priority of the rule to go on with. */
  readonly goto: number | null;
  /** Every other attribute, as it came. */
  readonly unknown: readonly Attribute[];
}

/** Bytes of struct fib_rule_hdr. */
export const fibRuleHeaderLength = 12;

const notSet = 0xffff_ffff; // what the kernel says for a suppressor that is not there

/** A message with nothing in it, to spread into new ones. */
export const emptyRule: RuleMessage = {
  family: 0,
  dstLength: 0,
  srcLength: 0,
  tos: 0,
  table: 0,
  action: 0,
  flags: 0,
  dst: null,
  src: null,
  iifname: null,
  oifname: null,
  priority: null,
  fwmark: null,
  fwmask: null,
  flow: null,
  tunId: null,
  suppressIfgroup: null,
  suppressPrefixlen: null,
  l3mdev: null,
  uidRange: null,
  protocol: null,
  ipProto: null,
  sportRange: null,
  dportRange: null,
  goto: null,
  unknown: [],
};

const suppressor = codec(decodeSuppressor, u32Attribute);
const u32Range = bytesCodec<NumberRange>(
  (value) => ({ start: readU32(value, 0), end: readU32(value, 4) }),
  encodeU32Range,
);
// Unlike the ports of a route look-up, these are in host order (struct fib_rule_port_range).
const u16Range = bytesCodec<NumberRange>(
  (value) => ({ start: readU16(value, 0), end: readU16(value, 2) }),
  encodeU16Range,
);

const field = fieldsOf<RuleMessage>();

/** In the order in which iproute2 sends them. */
const fields = [
  field(fra.FRA_SRC, "src", asBytes),
  field(fra.FRA_DST, "dst", asBytes),
  field(fra.FRA_PRIORITY, "priority", asU32),
  field(fra.FRA_FWMARK, "fwmark", asU32),
  field(fra.FRA_FWMASK, "fwmask", asU32),
  field(fra.FRA_FLOW, "flow", asU32),
  field(fra.FRA_TUN_ID, "tunId", asBytes),
  field(fra.FRA_IIFNAME, "iifname", asText),
  field(fra.FRA_OIFNAME, "oifname", asText),
  field(fra.FRA_L3MDEV, "l3mdev", asU8),
  field(fra.FRA_UID_RANGE, "uidRange", u32Range),
  field(fra.FRA_IP_PROTO, "ipProto", asU8),
  field(fra.FRA_SPORT_RANGE, "sportRange", u16Range),
  field(fra.FRA_DPORT_RANGE, "dportRange", u16Range),
  field(fra.FRA_TABLE, "table", asWideTable),
  field(fra.FRA_SUPPRESS_PREFIXLEN, "suppressPrefixlen", suppressor),
  field(fra.FRA_SUPPRESS_IFGROUP, "suppressIfgroup", suppressor),
  field(fra.FRA_GOTO, "goto", asU32),
  field(fra.FRA_PROTOCOL, "protocol", asU8),
];
const knownFields = byType(fields);

/**
 * Decodes the body of a rule message. What it returns holds no view of `body`.
 *
 * @throws DecodeError
 */
export function decodeRule(body: Uint8Array): RuleMessage {
  const bytes = body.slice();
  if (bytes.length < fibRuleHeaderLength)
    throw new DecodeError("truncated", `cannot decode a rule: ${bytes.length} bytes`);
  const rule: Mutable<RuleMessage> = {
    ...emptyRule,
    family: readU8(bytes, 0),
    dstLength: readU8(bytes, 1),
    srcLength: readU8(bytes, 2),
    tos: readU8(bytes, 3),
    table: readU8(bytes, 4),
    action: readU8(bytes, 7),
    flags: readU32(bytes, 8),
  };
  rule.unknown = readFields(rule, decodeAttributes(bytes, fibRuleHeaderLength), knownFields);
  return rule;
}

/** The body of a rule message; a table above 255 goes into FRA_TABLE alone. */
export function encodeRule(rule: RuleMessage): Uint8Array {
  const header = new Uint8Array(fibRuleHeaderLength);
  header.set([rule.family, rule.dstLength, rule.srcLength, rule.tos]);
  header[4] = rule.table > 0xff ? 0 : rule.table;
  header[7] = rule.action;
  writeU32(header, 8, rule.flags);
  return encodeAttributes([...writeFields(rule, fields), ...rule.unknown], header);
}

function decodeSuppressor(value: Uint8Array): number | null {
  const number = decodeU32(value);
  return number === notSet ? null : number;
}

function encodeU32Range({ start, end }: NumberRange): Uint8Array {
  const bytes = new Uint8Array(8);
  writeU32(bytes, 0, start);
  writeU32(bytes, 4, end);
  return bytes;
}

function encodeU16Range({ start, end }: NumberRange): Uint8Array {
  const bytes = new Uint8Array(4);
  writeU16(bytes, 0, start);
  writeU16(bytes, 2, end);
  return bytes;
}
