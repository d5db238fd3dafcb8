import { DecodeError } from "../decode-error.ts";
import {
  type Attribute,
  bytesAttribute,
  decodeAttributes,
  decodeU8,
  decodeU32,
  encodeAttributes,
  u8Attribute,
  u32Attribute,
} from "./attribute.ts";
import { readU8, readU16, readU32, writeU16, writeU32 } from "./host-order.ts";
import * as fra from "./rule-constants.ts";
import { decodeString, stringAttribute } from "./text-attribute.ts";

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

/**
 * Decodes the body of a rule message. What it returns holds no view of `body`.
 *
 * @throws DecodeError
 */
export function decodeRule(body: Uint8Array): RuleMessage {
  const bytes = body.slice();
  if (bytes.length < fibRuleHeaderLength)
    throw new DecodeError("truncated", `cannot decode a rule: ${bytes.length} bytes`);
  const unknown: Attribute[] = [];
  const rule: { -readonly [Key in keyof RuleMessage]: RuleMessage[Key] } = {
    ...emptyRule,
    family: readU8(bytes, 0),
    dstLength: readU8(bytes, 1),
    srcLength: readU8(bytes, 2),
    tos: readU8(bytes, 3),
    table: readU8(bytes, 4),
    action: readU8(bytes, 7),
    flags: readU32(bytes, 8),
    unknown,
  };
  for (const attribute of decodeAttributes(bytes, fibRuleHeaderLength)) {
    const { value } = attribute;
    switch (attribute.type) {
      case fra.FRA_DST:
        rule.dst = value;
        break;
      case fra.FRA_SRC:
        rule.src = value;
        break;
      case fra.FRA_IIFNAME:
        rule.iifname = decodeString(value);
        break;
      case fra.FRA_OIFNAME:
        rule.oifname = decodeString(value);
        break;
      case fra.FRA_PRIORITY:
        rule.priority = decodeU32(value);
        break;
      case fra.FRA_FWMARK:
        rule.fwmark = decodeU32(value);
        break;
      case fra.FRA_FWMASK:
        rule.fwmask = decodeU32(value);
        break;
      case fra.FRA_FLOW:
        rule.flow = decodeU32(value);
        break;
      case fra.FRA_TUN_ID:
        rule.tunId = value;
        break;
      case fra.FRA_SUPPRESS_IFGROUP:
        rule.suppressIfgroup = decodeSuppressor(value);
        break;
      case fra.FRA_SUPPRESS_PREFIXLEN:
        rule.suppressPrefixlen = decodeSuppressor(value);
        break;
      case fra.FRA_TABLE:
        rule.table = decodeU32(value);
        break;
      case fra.FRA_L3MDEV:
        rule.l3mdev = decodeU8(value);
        break;
      case fra.FRA_UID_RANGE:
        rule.uidRange = { start: readU32(value, 0), end: readU32(value, 4) };
        break;
      case fra.FRA_PROTOCOL:
        rule.protocol = decodeU8(value);
        break;
      case fra.FRA_IP_PROTO:
        rule.ipProto = decodeU8(value);
        break;
      case fra.FRA_SPORT_RANGE:
        rule.sportRange = { start: readU16(value, 0), end: readU16(value, 2) };
        break;
      case fra.FRA_DPORT_RANGE:
        rule.dportRange = { start: readU16(value, 0), end: readU16(value, 2) };
        break;
      case fra.FRA_GOTO:
        rule.goto = decodeU32(value);
        break;
      default:
        unknown.push(attribute);
    }
  }
  return rule;
}

/** The body of a rule message; a table above 255 goes into FRA_TABLE alone. */
export function encodeRule(rule: RuleMessage): Uint8Array {
  const header = new Uint8Array(fibRuleHeaderLength);
  const wideTable = rule.table > 0xff;
  header.set([rule.family, rule.dstLength, rule.srcLength, rule.tos]);
  header[4] = wideTable ? 0 : rule.table;
  header[7] = rule.action;
  writeU32(header, 8, rule.flags);
  const attributes: Attribute[] = [];
  const put = <Value>(
    value: Value | null,
    type: number,
    encode: (type: number, value: Value) => Attribute,
  ): void => {
    if (value !== null) attributes.push(encode(type, value));
  };
  put(rule.src, fra.FRA_SRC, bytesAttribute);
  put(rule.dst, fra.FRA_DST, bytesAttribute);
  put(rule.priority, fra.FRA_PRIORITY, u32Attribute);
  put(rule.fwmark, fra.FRA_FWMARK, u32Attribute);
  put(rule.fwmask, fra.FRA_FWMASK, u32Attribute);
  put(rule.flow, fra.FRA_FLOW, u32Attribute);
  put(rule.tunId, fra.FRA_TUN_ID, bytesAttribute);
  put(rule.iifname, fra.FRA_IIFNAME, stringAttribute);
  put(rule.oifname, fra.FRA_OIFNAME, stringAttribute);
  put(rule.l3mdev, fra.FRA_L3MDEV, u8Attribute);
  put(rule.uidRange, fra.FRA_UID_RANGE, u32RangeAttribute);
  put(rule.ipProto, fra.FRA_IP_PROTO, u8Attribute);
  put(rule.sportRange, fra.FRA_SPORT_RANGE, u16RangeAttribute);
  put(rule.dportRange, fra.FRA_DPORT_RANGE, u16RangeAttribute);
  put(wideTable ? rule.table : null, fra.FRA_TABLE, u32Attribute);
  put(rule.suppressPrefixlen, fra.FRA_SUPPRESS_PREFIXLEN, u32Attribute);
  put(rule.suppressIfgroup, fra.FRA_SUPPRESS_IFGROUP, u32Attribute);
  put(rule.goto, fra.FRA_GOTO, u32Attribute);
  put(rule.protocol, fra.FRA_PROTOCOL, u8Attribute);
  attributes.push(...rule.unknown);
  return encodeAttributes(attributes, header);
}

function decodeSuppressor(value: Uint8Array): number | null {
  const number = decodeU32(value);
  return number === notSet ? null : number;
}

function u32RangeAttribute(type: number, range: NumberRange): Attribute {
  const bytes = new Uint8Array(8);
  writeU32(bytes, 0, range.start);
  writeU32(bytes, 4, range.end);
  return bytesAttribute(type, bytes);
}

// Unlike the ports of a route look-up, these are in host order (struct fib_rule_port_range).
function u16RangeAttribute(type: number, range: NumberRange): Attribute {
  const bytes = new Uint8Array(4);
  writeU16(bytes, 0, range.start);
  writeU16(bytes, 2, range.end);
  return bytesAttribute(type, bytes);
}
