import { encodeIfaddrmsg } from "./address.ts";
import { type Attribute, encodeAttributes, u32Attribute } from "./attribute.ts";
import { encodeIfinfomsg } from "./link.ts";
import { IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS } from "./link-constants.ts";
import { encodeMessage } from "./message.ts";
import * as nl from "./message-constants.ts";
import { nhmsgLength } from "./nexthop.ts";
import { NHA_ID } from "./nexthop-constants.ts";
import { emptyRoute, encodeRoute, type RouteMessage } from "./route.ts";
import { RTA_OIF, RTA_TABLE, RTM_F_FIB_MATCH, RTM_F_LOOKUP_TABLE } from "./route-constants.ts";
import { encodeRule, fibRuleHeaderLength, type RuleMessage } from "./rule.ts";

const dump = nl.NLM_F_REQUEST | nl.NLM_F_DUMP;
const acknowledged = nl.NLM_F_REQUEST | nl.NLM_F_ACK;

/**
 * Asks for one link. Answers one RTM_NEWLINK, or -ENODEV.
 *
 * @param extMask RTEXT_FILTER_*: what the answer is to hold besides or to do without
 */
export function encodeGetLink(
  seq: number,
  index: number,
  extMask: number = RTEXT_FILTER_SKIP_STATS,
): Uint8Array {
  return encodeLinkRequest(seq, nl.NLM_F_REQUEST, index, extMask);
}

/**
 * Asks for every link.
 *
 * @param extMask RTEXT_FILTER_*: what the answer is to hold besides or to do without
 */
export function encodeGetLinkDump(
  seq: number,
  extMask: number = RTEXT_FILTER_SKIP_STATS,
): Uint8Array {
  return encodeLinkRequest(seq, dump, 0, extMask);
}

/**
 * Asks for the addresses of one family, or of both (AF_UNSPEC); of one link, or of all (index 0). The index
 * counts only on a socket with NETLINK_GET_STRICT_CHK.
 */
export function encodeGetAddressDump(seq: number, family: number, index = 0): Uint8Array {
  const body = encodeIfaddrmsg(family, index);
  return encodeMessage({ type: nl.RTM_GETADDR, flags: dump, seq, pid: 0, body });
}

/** Which routes to dump; what is left out does not filter. */
export interface RouteFilter {
  readonly table?: number;
  readonly protocol?: number;
  readonly type?: number;
  readonly oif?: number;
}

/** Asks for the routes of one family. The filter counts only on a socket with NETLINK_GET_STRICT_CHK. */
export function encodeGetRouteDump(
  seq: number,
  family: number,
  filter: RouteFilter = {},
): Uint8Array {
  const { table, protocol, type, oif } = filter;
  const header = encodeRoute({ ...emptyRoute, family, protocol: protocol ?? 0, type: type ?? 0 });
  const attributes: Attribute[] = [];
  if (table !== undefined) attributes.push(u32Attribute(RTA_TABLE, table));
  if (oif !== undefined) attributes.push(u32Attribute(RTA_OIF, oif));
  const body = encodeAttributes(attributes, header);
  return encodeMessage({ type: nl.RTM_GETROUTE, flags: dump, seq, pid: 0, body });
}

/** The packet whose way is asked for; its family is that of `dst`. */
export interface RouteLookup {
  readonly dst: Uint8Array;
  readonly src?: Uint8Array;
  readonly oif?: number;
  readonly iif?: number;
  readonly mark?: number;
  readonly uid?: number;
  readonly ipProto?: number;
  readonly sport?: number;
  readonly dport?: number;
  readonly tos?: number;
}

/**
 * Asks which table entry a packet would take (RTM_F_FIB_MATCH). Answers one RTM_NEWROUTE, or -ENETUNREACH and
 * the like. Error routes answer with their errno, not with the route.
 */
export function encodeGetRouteLookup(seq: number, lookup: RouteLookup): Uint8Array {
  return encodeLookup(seq, lookup, RTM_F_FIB_MATCH);
}

/**
 * Asks how a packet would leave: interface, gateway and source address, one leg of a multipath route. Answers as
 * encodeGetRouteLookup() does, and in IPv4 also where no table holds a route and the destination is taken to be on
 * the link: then without a table.
 */
export function encodeGetRoutePath(seq: number, lookup: RouteLookup): Uint8Array {
  return encodeLookup(seq, lookup, 0);
}

function encodeLookup(seq: number, lookup: RouteLookup, flags: number): Uint8Array {
  const family = lookup.dst.length === 4 ? nl.AF_INET : nl.AF_INET6;
  const body = encodeRoute({
    ...emptyRoute,
    family,
    dstLength: lookup.dst.length * 8,
    srcLength: lookup.src === undefined ? 0 : lookup.src.length * 8,
    tos: lookup.tos ?? 0,
    // Without RTM_F_LOOKUP_TABLE, IPv4 answers `main` whatever table matched. IPv6 tells the table anyway, and
    // refuses the flag where requests are checked strictly.
    flags: family === nl.AF_INET ? RTM_F_LOOKUP_TABLE | flags : flags,
    dst: lookup.dst,
    src: lookup.src ?? null,
    oif: lookup.oif ?? null,
    iif: lookup.iif ?? null,
    mark: lookup.mark ?? null,
    uid: lookup.uid ?? null,
    ipProto: lookup.ipProto ?? null,
    sport: lookup.sport ?? null,
    dport: lookup.dport ?? null,
  });
  return encodeMessage({ type: nl.RTM_GETROUTE, flags: nl.NLM_F_REQUEST, seq, pid: 0, body });
}

/** Asks for the rules of one family. */
export function encodeGetRuleDump(seq: number, family: number): Uint8Array {
  const body = new Uint8Array(fibRuleHeaderLength);
  body[0] = family;
  return encodeMessage({ type: nl.RTM_GETRULE, flags: dump, seq, pid: 0, body });
}

/** Asks for one nexthop object. Answers one RTM_NEWNEXTHOP, or -ENOENT. */
export function encodeGetNexthop(seq: number, id: number): Uint8Array {
  const body = encodeAttributes([u32Attribute(NHA_ID, id)], new Uint8Array(nhmsgLength));
  return encodeMessage({ type: nl.RTM_GETNEXTHOP, flags: nl.NLM_F_REQUEST, seq, pid: 0, body });
}

/** Asks for every nexthop object. */
export function encodeGetNexthopDump(seq: number): Uint8Array {
  const body = new Uint8Array(nhmsgLength);
  return encodeMessage({ type: nl.RTM_GETNEXTHOP, flags: dump, seq, pid: 0, body });
}

/** Adds a route. `flags`: NLM_F_CREATE with NLM_F_EXCL, NLM_F_REPLACE or NLM_F_APPEND. */
export function encodeNewRoute(seq: number, flags: number, route: RouteMessage): Uint8Array {
  const body = encodeRoute(route);
  return encodeMessage({ type: nl.RTM_NEWROUTE, flags: acknowledged | flags, seq, pid: 0, body });
}

/** Deletes the first route that agrees in every attribute given. */
export function encodeDelRoute(seq: number, route: RouteMessage): Uint8Array {
  const body = encodeRoute(route);
  return encodeMessage({ type: nl.RTM_DELROUTE, flags: acknowledged, seq, pid: 0, body });
}

/** Adds a rule. `flags`: NLM_F_CREATE with NLM_F_EXCL. */
export function encodeNewRule(seq: number, flags: number, rule: RuleMessage): Uint8Array {
  const body = encodeRule(rule);
  return encodeMessage({ type: nl.RTM_NEWRULE, flags: acknowledged | flags, seq, pid: 0, body });
}

/** Deletes the first rule that agrees in every attribute given. */
export function encodeDelRule(seq: number, rule: RuleMessage): Uint8Array {
  const body = encodeRule(rule);
  return encodeMessage({ type: nl.RTM_DELRULE, flags: acknowledged, seq, pid: 0, body });
}

/** Changes nothing and is acknowledged: the socket is alive when NLMSG_ERROR with this `seq` comes back. */
export function encodeProbe(seq: number): Uint8Array {
  const body = new Uint8Array(0);
  return encodeMessage({ type: nl.NLMSG_NOOP, flags: acknowledged, seq, pid: 0, body });
}

function encodeLinkRequest(seq: number, flags: number, index: number, extMask: number): Uint8Array {
  const attributes = [u32Attribute(IFLA_EXT_MASK, extMask)];
  const body = encodeAttributes(attributes, encodeIfinfomsg(nl.AF_UNSPEC, index));
  return encodeMessage({ type: nl.RTM_GETLINK, flags, seq, pid: 0, body });
}
