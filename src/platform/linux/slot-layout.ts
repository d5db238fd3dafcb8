import type { IpFamily } from "../../network/address.ts";
import { parseIpAddress } from "../../network/address.ts";
import type { ScopedDefault } from "../../platform/route-control.ts";
import { AF_INET, AF_INET6 } from "../../wire/netlink/message-constants.ts";
import { emptyRoute, type RouteMessage } from "../../wire/netlink/route.ts";
import * as rta from "../../wire/netlink/route-constants.ts";
import { emptyLeg, type RouteLeg, type Via } from "../../wire/netlink/route-leg.ts";
import { emptyRule, type RuleMessage } from "../../wire/netlink/rule.ts";
import { FR_ACT_TO_TBL } from "../../wire/netlink/rule-constants.ts";
import { numberOf } from "./defaults-reading.ts";

/**
 * Where our rules and tables stand. Slot n of a family has two preferences and one table:
 *
 *     preferenceBase + 2n      oif X lookup main suppress_prefixlength 0     (not in the throw form)
 *                              from A lookup main suppress_prefixlength 0    (for each reply address)
 *     preferenceBase + 2n + 1  oif X lookup T
 *                              from A lookup T                               (for each reply address)
 *     T = tableBase + n        the default over X alone, and a throw route for each connected prefix (throw form)
 *
 * so that 50 slots take 100 preferences. Rules of one preference run in the order in which they came, which does
 * not matter here: they look into the same table. Nor does a rule of a lower slot hide one of a higher slot from a
 * bound socket: what it finds over another interface than the socket's does not count.
 */
export interface SlotLayout {
  readonly preferenceBase: number;
  readonly tableBase: number;
  /** FRA_PROTOCOL and rtm_protocol of all that is ours. */
  readonly protocol: number;
  readonly slots: number;
}

export function suppressPreference(layout: SlotLayout, slot: number): number {
  return layout.preferenceBase + 2 * slot;
}

export function tablePreference(layout: SlotLayout, slot: number): number {
  return layout.preferenceBase + 2 * slot + 1;
}

export function tableOfSlot(layout: SlotLayout, slot: number): number {
  return layout.tableBase + slot;
}

/** The slot that a preference belongs to, or null when it is none of ours. */
export function slotOfPreference(layout: SlotLayout, preference: number): number | null {
  const slot = Math.floor((preference - layout.preferenceBase) / 2);
  return slot >= 0 && slot < layout.slots ? slot : null;
}

/** The slot whose table it is, or null. */
export function slotOfTable(layout: SlotLayout, table: number): number | null {
  const slot = table - layout.tableBase;
  return slot >= 0 && slot < layout.slots ? slot : null;
}

/** The rules of a scoped default, in the order in which they are to be made: T's last. */
export function wantedRules(layout: SlotLayout, entry: ScopedDefault): readonly RuleMessage[] {
  const selectors: Partial<RuleMessage>[] = [
    { oifname: entry.interfaceName },
    ...entry.replyAddresses.map((address) => {
      const src = addressBytes(address);
      return { src, srcLength: src.length * 8 };
    }),
  ];
  const base: RuleMessage = {
    ...emptyRule,
    family: numberOf(entry.family),
    action: FR_ACT_TO_TBL,
    protocol: layout.protocol,
  };
  const suppressed = { table: rta.RT_TABLE_MAIN, suppressPrefixlen: 0 };
  const first = entry.form === "throw" ? [] : selectors;
  return [
    ...first.map((selector) => ({
      ...base,
      ...selector,
      ...suppressed,
      priority: suppressPreference(layout, entry.slot),
    })),
    ...selectors.map((selector) => ({
      ...base,
      ...selector,
      table: tableOfSlot(layout, entry.slot),
      priority: tablePreference(layout, entry.slot),
    })),
  ];
}

/** The routes of a scoped default's table, in the order in which they are to be made: the default last. */
export function wantedRoutes(layout: SlotLayout, entry: ScopedDefault): readonly RouteMessage[] {
  const base: RouteMessage = {
    ...emptyRoute,
    family: numberOf(entry.family),
    table: tableOfSlot(layout, entry.slot),
    protocol: layout.protocol,
  };
  const throws = entry.form === "throw" ? entry.connected : [];
  return [
    ...throws.map((prefix): RouteMessage => {
      const [address = "", length = ""] = prefix.split("/");
      return {
        ...base,
        type: rta.RTN_THROW,
        dst: addressBytes(address),
        dstLength: Number(length),
      };
    }),
    {
      ...base,
      ...legsOf(entry),
      type: rta.RTN_UNICAST,
      prefsrc: entry.source === null ? null : addressBytes(entry.source),
      metrics:
        entry.mtu === null ? null : { values: new Map([[rta.RTAX_MTU, entry.mtu]]), unknown: [] },
    },
  ];
}

/** The part of a route's message that says where packets go. */
export interface RouteWay {
  readonly scope: number;
  readonly flags: number;
  readonly oif: number | null;
  readonly gateway: Uint8Array | null;
  readonly via: Via | null;
  readonly multipath: readonly RouteLeg[] | null;
}

/** The legs of a route, one or several, as attributes. */
export function legsOf(
  route: Pick<ScopedDefault, "family" | "gateway" | "onlink" | "nexthops"> & {
    readonly interfaceIndex: number | null;
  },
): RouteWay {
  const flagsOf = (onlink: boolean): number => (onlink ? rta.RTNH_F_ONLINK : 0);
  if (route.nexthops.length > 0)
    return {
      scope: rta.RT_SCOPE_UNIVERSE,
      flags: 0,
      oif: null,
      gateway: null,
      via: null,
      multipath: route.nexthops.map((leg) => ({
        ...emptyLeg,
        ...gatewayAttributes(route.family, leg.gateway),
        flags: flagsOf(leg.onlink),
        hops: leg.weight - 1,
        ifindex: leg.interfaceIndex,
      })),
    };
  return {
    // An IPv4 route without a gateway ends on its link (ip-route(8): scope).
    scope:
      route.family === "ipv4" && route.gateway === null && route.interfaceIndex !== null
        ? rta.RT_SCOPE_LINK
        : rta.RT_SCOPE_UNIVERSE,
    ...gatewayAttributes(route.family, route.gateway),
    flags: flagsOf(route.onlink),
    oif: route.interfaceIndex,
    multipath: null,
  };
}

/** @throws RangeError for text that is no address */
export function addressBytes(address: string): Uint8Array {
  const bytes = parseIpAddress(address);
  if (bytes === null) throw new RangeError(`cannot read the address ${address}`);
  return bytes;
}

function gatewayAttributes(
  family: IpFamily,
  gateway: string | null,
): Pick<RouteWay, "gateway" | "via"> {
  if (gateway === null) return { gateway: null, via: null };
  const address = addressBytes(gateway);
  const own = address.length === (family === "ipv4" ? 4 : 16);
  if (own) return { gateway: address, via: null };
  return {
    gateway: null,
    via: { family: address.length === 4 ? AF_INET : AF_INET6, address },
  };
}
