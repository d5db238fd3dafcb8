import type { Prefix } from "../../network/prefix.ts";
import type { RoutingRule, RuleAction, RuleInterface } from "../../platform/route-inquiry.ts";
import type { Attribute } from "../../wire/netlink/attribute.ts";
import type { RuleMessage } from "../../wire/netlink/rule.ts";
import * as fra from "../../wire/netlink/rule-constants.ts";
import { addressText } from "./route-translation.ts";
import { routeProtocolOf } from "./route-words.ts";
import { ruleOwner } from "./rule-words.ts";

/** fib_dscp_masked_match() (net/ip_fib.h): of the type of service byte, IPv4 compares these bits. */
const ipv4TosMask = 0x1c;
/** The byte without the two bits of ECN (RFC 3168). */
const dscpMask = 0xfc;

/**
 * A rule message in words.
 *
 * @param indexOf index of the interface that has a name now
 */
export function translateRule(
  message: RuleMessage,
  family: "ipv4" | "ipv6",
  indexOf: (name: string) => number | null,
): RoutingRule {
  const { flags } = message;
  const interfaceOf = (name: string | null, detached: number): RuleInterface | null =>
    name === null ? null : { name, index: (flags & detached) !== 0 ? null : indexOf(name) };
  const preference = message.priority ?? 0;
  return {
    preference,
    inverted: (flags & fra.FIB_RULE_INVERT) !== 0,
    source: prefixOf(message.src, message.srcLength),
    destination: prefixOf(message.dst, message.dstLength),
    arrivesOn: interfaceOf(message.iifname, fra.FIB_RULE_IIF_DETACHED),
    boundTo: interfaceOf(message.oifname, fra.FIB_RULE_OIF_DETACHED),
    mark: markOf(message),
    uids: message.uidRange && { first: message.uidRange.start, last: message.uidRange.end },
    tos: tosOf(message, family),
    protocol: message.ipProto === 0 ? null : message.ipProto,
    sourcePorts: rangeOf(message.sportRange),
    destinationPorts: rangeOf(message.dportRange),
    action: actionOf(message),
    suppressPrefixLength: message.suppressPrefixlen,
    suppressGroup: message.suppressIfgroup,
    protocolName:
      message.protocol === null || message.protocol === 0
        ? null
        : routeProtocolOf(message.protocol),
    owner: ruleOwner(preference),
    unknown: message.unknown.filter(maySelect).map(({ type }) => type),
  };
}

/** The prefix of an attribute, or null when it holds everything. */
export function prefixOf(bytes: Uint8Array | null, length: number): Prefix | null {
  if (bytes === null || length === 0) return null;
  return { text: `${addressText(bytes)}/${length}`, bytes, length };
}

function rangeOf(
  range: { readonly start: number; readonly end: number } | null,
): RoutingRule["sourcePorts"] {
  return range === null || range.start === 0 ? null : { first: range.start, last: range.end };
}

// `fwmark 0/0xff` is told by its mask alone: the kernel leaves out a mark of 0.
function markOf({ fwmark, fwmask }: RuleMessage): RoutingRule["mark"] {
  if (fwmark === null && fwmask === null) return null;
  return { value: fwmark ?? 0, mask: fwmask ?? 0xffff_ffff };
}

function tosOf(message: RuleMessage, family: "ipv4" | "ipv6"): RoutingRule["tos"] {
  const byteOf = (type: number): number | null =>
    message.unknown.find((attribute) => attribute.type === type)?.value[0] ?? null;
  const dscp = byteOf(fra.FRA_DSCP);
  if (dscp !== null)
    return { value: dscp << 2, mask: ((byteOf(fra.FRA_DSCP_MASK) ?? 0x3f) << 2) & 0xff };
  if (message.tos === 0) return null;
  return { value: message.tos, mask: family === "ipv4" ? ipv4TosMask : dscpMask };
}

function actionOf(message: RuleMessage): RuleAction {
  switch (message.action) {
    case fra.FR_ACT_TO_TBL:
      if (message.l3mdev === 1) return { kind: "lookup-vrf" };
      return { kind: "lookup", table: message.table };
    case fra.FR_ACT_GOTO: {
      const resolved = (message.flags & fra.FIB_RULE_UNRESOLVED) === 0;
      return { kind: "goto", target: message.goto ?? 0, resolved };
    }
    case fra.FR_ACT_NOP:
      return { kind: "nop" };
    case fra.FR_ACT_UNREACHABLE:
      return { kind: "refuse", type: "unreachable" };
    case fra.FR_ACT_PROHIBIT:
      return { kind: "refuse", type: "prohibit" };
    default:
      // fib4_rule_action() (net/ipv4/fib_rules.c): what is none of these drops the packet.
      return { kind: "refuse", type: "blackhole" };
  }
}

/** The DSCP is understood, padding says nothing, and a mask of ports that keeps every bit neither. */
function maySelect({ type, value }: Attribute): boolean {
  if (type === fra.FRA_DSCP || type === fra.FRA_DSCP_MASK || type === fra.FRA_PAD) return false;
  const isPortMask = type === fra.FRA_SPORT_MASK || type === fra.FRA_DPORT_MASK;
  return !isPortMask || value.some((byte) => byte !== 0xff);
}
