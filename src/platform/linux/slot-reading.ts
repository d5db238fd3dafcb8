import type { IpFamily } from "../../network/address.ts";
import type { NextHop } from "../../network/route.ts";
import type { FoundScoped, ScopedDefault } from "../../platform/route-control.ts";
import { AF_INET } from "../../wire/netlink/message-constants.ts";
import type { RouteMessage } from "../../wire/netlink/route.ts";
import { RTN_THROW, RTN_UNICAST } from "../../wire/netlink/route-constants.ts";
import { encodeRule, type RuleMessage } from "../../wire/netlink/rule.ts";
import {
  FIB_RULE_IIF_DETACHED,
  FIB_RULE_OIF_DETACHED,
  FIB_RULE_UNRESOLVED,
  FR_ACT_TO_TBL,
} from "../../wire/netlink/rule-constants.ts";
import { routeIdentity } from "./route-identity.ts";
import { addressText, translateRoute } from "./route-translation.ts";
import {
  type SlotLayout,
  slotOfPreference,
  suppressPreference,
  tableOfSlot,
  tablePreference,
  wantedRoutes,
  wantedRules,
} from "./slot-layout.ts";

/** Everything that stands in one slot of one family. */
export interface Slot {
  readonly family: IpFamily;
  readonly slot: number;
  /** Of our tag, in the kernel's order. */
  readonly rules: readonly RuleMessage[];
  readonly routes: readonly RouteMessage[];
  /** Of others: rules at our preferences or into our table, and routes in our table. */
  readonly foreignRules: readonly RuleMessage[];
  readonly foreignRoutes: readonly RouteMessage[];
}

/** What the rules of a family and the routes of a slot's table say of that slot. */
export function slotOf(
  layout: SlotLayout,
  family: IpFamily,
  slot: number,
  rules: readonly RuleMessage[],
  routes: readonly RouteMessage[],
): Slot {
  const table = tableOfSlot(layout, slot);
  const here = rules.filter(
    (rule) =>
      slotOfPreference(layout, rule.priority ?? 0) === slot ||
      (rule.action === FR_ACT_TO_TBL && rule.table === table),
  );
  const isOurs = ({ protocol }: { readonly protocol: number | null }): boolean =>
    protocol === layout.protocol;
  return {
    family,
    slot,
    rules: here.filter(isOurs),
    routes: routes.filter(isOurs),
    foreignRules: here.filter((rule) => !isOurs(rule)),
    foreignRoutes: routes.filter((route) => !isOurs(route)),
  };
}

/**
 * What stands of ours in a slot, or null when nothing does. A rule follows names and a route follows the device:
 * what is told is the rules' name and the route's index, and where they are not the same interface (it was
 * renamed, or made anew), or a rule is detached, it is not complete.
 *
 * @param nameOf the name of an interface by its index, or null when there is none
 */
export function foundScoped(
  layout: SlotLayout,
  slot: Slot,
  nameOf: (index: number) => string | null,
): FoundScoped | null {
  if (slot.rules.length === 0 && slot.routes.length === 0) return null;
  const entry = entryOf(layout, slot, nameOf);
  const complete =
    entry.interfaceIndex !== 0 &&
    nameOf(entry.interfaceIndex) === entry.interfaceName &&
    slot.rules.every((rule) => (rule.flags & FIB_RULE_OIF_DETACHED) === 0) &&
    isExactly(slot.rules.map(ruleIdentity), wantedRules(layout, entry).map(ruleIdentity)) &&
    isExactly(slot.routes.map(routeIdentity), wantedRoutes(layout, entry).map(routeIdentity)) &&
    entry.nexthops.every((leg) => leg.interfaceIndex === entry.interfaceIndex);
  return { entry, complete };
}

/** A text that two rules have in common when they mean the same: what is of the moment does not count. */
export function ruleIdentity(rule: RuleMessage): string {
  return Buffer.from(encodeRule(scrubbedRule(rule))).toString("hex");
}

/** A rule without what the kernel says of the moment: whether its interfaces and its target are there. */
export function scrubbedRule(rule: RuleMessage): RuleMessage {
  const momentary = FIB_RULE_UNRESOLVED | FIB_RULE_IIF_DETACHED | FIB_RULE_OIF_DETACHED;
  return { ...rule, flags: rule.flags & ~momentary, priority: rule.priority ?? 0 };
}

function entryOf(
  layout: SlotLayout,
  { family, slot, rules, routes }: Slot,
  nameOf: (index: number) => string | null,
): ScopedDefault {
  const message = routes.find((route) => route.dstLength === 0 && route.type === RTN_UNICAST);
  const route = message === undefined ? null : translateRoute(message, () => [], 0);
  const throws = routes.filter((other) => other.type === RTN_THROW);
  const legs = route?.nexthops ?? [];
  const interfaceIndex = route?.interfaceIndex ?? legs[0]?.interfaceIndex ?? 0;
  const named = rules.find((rule) => rule.oifname !== null)?.oifname;
  const intoTable = rules.filter((rule) => rule.priority === tablePreference(layout, slot));
  const suppressors = rules.filter((rule) => rule.priority === suppressPreference(layout, slot));
  return {
    family,
    slot,
    interfaceIndex,
    interfaceName: named ?? nameOf(interfaceIndex) ?? "",
    gateway: route?.gateway ?? null,
    onlink: route?.onlink ?? false,
    source: route?.source ?? null,
    mtu: route?.mtu ?? null,
    nexthops: legs.map((leg): NextHop => ({ ...leg, linkdown: false })),
    form: suppressors.length === 0 && throws.length + intoTable.length > 0 ? "throw" : "pair",
    connected: throws.map(prefixText),
    replyAddresses: intoTable.flatMap((rule) => (rule.src === null ? [] : [addressText(rule.src)])),
  };
}

function isExactly(found: readonly string[], wanted: readonly string[]): boolean {
  return found.length === wanted.length && [...found].sort().join() === [...wanted].sort().join();
}

function prefixText(route: RouteMessage): string {
  const bytes = route.dst ?? new Uint8Array(route.family === AF_INET ? 4 : 16);
  return `${addressText(bytes)}/${route.dstLength}`;
}
