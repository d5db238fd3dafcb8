import { formatIpAddress } from "../network/address.ts";
import { type Prefix, sharePrefix } from "../network/prefix.ts";
import type {
  NumberRange,
  RoutingLink,
  RoutingRule,
  RuleInterface,
} from "../platform/route-inquiry.ts";
import { type Flow, loopbackIndex } from "./flow.ts";
import { protocolName } from "./protocol-name.ts";

/** Whether a rule takes a packet, and why or why not. */
export interface RuleMatch {
  readonly matches: boolean;
  readonly why: string;
}

/** What a selector says against the packet; null when it says nothing. */
type Objection = string | null;

/** Compares as the kernel does (fib_rule_match, net/core/fib_rules.c), in the same order. */
export function matchRule(
  rule: RoutingRule,
  flow: Flow,
  links: ReadonlyMap<number, RoutingLink>,
): RuleMatch {
  const objection = firstObjection(rule, flow, links);
  const unknown =
    rule.unknown.length === 0
      ? ""
      : `; it has attributes that netwatch does not know (${rule.unknown.join(", ")})`;
  if (rule.inverted)
    return objection === null
      ? { matches: false, why: `is for all other packets${unknown}` }
      : { matches: true, why: `matches, as ${objection}${unknown}` };
  if (objection !== null) return { matches: false, why: `${objection}${unknown}` };
  return { matches: true, why: `matches${unknown}` };
}

function firstObjection(
  rule: RoutingRule,
  flow: Flow,
  links: ReadonlyMap<number, RoutingLink>,
): Objection {
  return (
    incomingObjection(rule.arrivesOn, flow, links) ??
    outgoingObjection(rule.boundTo, flow, links) ??
    markObjection(rule, flow) ??
    (rule.action.kind === "lookup-vrf" && flow.vrf === null
      ? "the packet belongs to no VRF"
      : null) ??
    uidObjection(rule, flow) ??
    prefixObjection(rule.destination, flow.destination, "goes to") ??
    sourceObjection(rule.source, flow) ??
    tosObjection(rule, flow) ??
    protocolObjection(rule, flow) ??
    portObjection(rule.sourcePorts, flow.sourcePort, "source") ??
    portObjection(rule.destinationPorts, flow.destinationPort, "destination")
  );
}

function incomingObjection(
  wanted: RuleInterface | null,
  flow: Flow,
  links: ReadonlyMap<number, RoutingLink>,
): Objection {
  if (wanted === null || isThis(wanted, flow.incoming, flow)) return null;
  if (wanted.index === null) return `there is no interface ${wanted.name}`;
  if (flow.incoming === loopbackIndex)
    return `the packet is this host's own, not from ${wanted.name}`;
  return `the packet comes in by ${nameOf(links, flow.incoming)}`;
}

function outgoingObjection(
  wanted: RuleInterface | null,
  flow: Flow,
  links: ReadonlyMap<number, RoutingLink>,
): Objection {
  if (wanted === null || isThis(wanted, flow.outgoing, flow)) return null;
  if (wanted.index === null) return `there is no interface ${wanted.name}`;
  if (flow.outgoing === 0) return `the packet is not bound to ${wanted.name}`;
  return `the packet is bound to ${nameOf(links, flow.outgoing)}`;
}

/** A rule that names a VRF takes the packets of every interface in it. */
function isThis(wanted: RuleInterface, index: number, flow: Flow): boolean {
  if (wanted.index === null) return false;
  return wanted.index === index || (flow.vrf !== null && wanted.index === flow.vrf.index);
}

function markObjection({ mark }: RoutingRule, flow: Flow): Objection {
  if (mark === null || ((mark.value ^ flow.mark) & mask32(mark.mask)) === 0) return null;
  return flow.mark === 0
    ? "the packet has no mark"
    : `the packet's mark is 0x${flow.mark.toString(16)}`;
}

function uidObjection({ uids }: RoutingRule, flow: Flow): Objection {
  if (uids === null || (flow.uid >= uids.first && flow.uid <= uids.last)) return null;
  return flow.uid === 0xffff_ffff ? "the packet belongs to no user" : `the user is ${flow.uid}`;
}

function prefixObjection(wanted: Prefix | null, address: Uint8Array, verb: string): Objection {
  if (wanted === null || sharePrefix(wanted.bytes, address, wanted.length)) return null;
  return `the packet ${verb} ${formatIpAddress(address)}`;
}

// fib4_rule_match() compares an address that is not there yet as 0.0.0.0, fib6_rule_match() not at all.
function sourceObjection(wanted: Prefix | null, flow: Flow): Objection {
  if (wanted === null) return null;
  if (flow.hasSource) return prefixObjection(wanted, flow.source, "comes from");
  if (flow.family === "ipv4" && sharePrefix(wanted.bytes, flow.source, wanted.length)) return null;
  return "the packet has no source address yet";
}

function tosObjection({ tos }: RoutingRule, flow: Flow): Objection {
  if (tos === null || ((tos.value ^ flow.tos) & tos.mask) === 0) return null;
  return `the packet's TOS is 0x${flow.tos.toString(16)}`;
}

function protocolObjection({ protocol }: RoutingRule, flow: Flow): Objection {
  if (protocol === null || protocol === flow.protocol) return null;
  return `the packet is ${protocolName(flow.protocol)}`;
}

function portObjection(range: NumberRange | null, port: number, which: string): Objection {
  if (range === null || (port >= range.first && port <= range.last)) return null;
  return port === 0 ? `no ${which} port was given` : `the ${which} port is ${port}`;
}

function mask32(mask: number): number {
  return mask | 0;
}

function nameOf(links: ReadonlyMap<number, RoutingLink>, index: number): string {
  return links.get(index)?.name ?? `interface ${index}`;
}
