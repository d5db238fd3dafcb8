import type { IpFamily } from "../../network/address.ts";
import { type DefaultRoute, interfacesOfRoute, longestDefaultPrefix } from "../../network/route.ts";
import type { Obstacle } from "../../platform/route-control.ts";
import { RT_TABLE_LOCAL, RT_TABLE_MAIN } from "../../wire/netlink/route-constants.ts";
import type { RuleMessage } from "../../wire/netlink/rule.ts";
import * as fra from "../../wire/netlink/rule-constants.ts";
import { ruleOwner, ruleText } from "./rule-words.ts";
import type { SlotLayout } from "./slot-layout.ts";
import type { Slot } from "./slot-reading.ts";

/** What one family's rules and tables say, for a judgement of what is in the way. */
export interface FamilyRouting {
  readonly family: IpFamily;
  readonly rules: readonly RuleMessage[];
  readonly slots: readonly Slot[];
  /** The routes of prefix length 0 to 7 of each table that was read, by the table's id. */
  readonly tables: ReadonlyMap<number, readonly DefaultRoute[]>;
}

/**
 * What stands in the way of scoped defaults in one family.
 *
 * @param uplinks indexes of the interfaces that have or could have one
 */
export function routeObstacles(
  layout: SlotLayout,
  routing: FamilyRouting,
  uplinks: ReadonlySet<number>,
): readonly Obstacle[] {
  return [
    ...localRuleMoved(layout, routing),
    ...slotsTaken(routing),
    ...killSwitches(routing),
    ...shadows(layout, routing, uplinks),
  ];
}

/** The foreign rules that run before ours and may take a packet of a bound, unmarked socket. */
export function rulesBefore(
  layout: SlotLayout,
  rules: readonly RuleMessage[],
): readonly RuleMessage[] {
  return rules.filter(
    (rule) =>
      (rule.priority ?? 0) < layout.preferenceBase &&
      rule.protocol !== layout.protocol &&
      !(rule.action === fra.FR_ACT_TO_TBL && rule.table === RT_TABLE_LOCAL) &&
      takesBound(rule),
  );
}

// The rule `0: from all lookup local` gives the host its own addresses. Where VRFs are used it is often moved
// behind the VRFs' rule at 1000, to 32765 (Documentation/networking/vrf.rst).
function* localRuleMoved(
  { preferenceBase }: SlotLayout,
  { family, rules }: FamilyRouting,
): Generator<Obstacle> {
  // A kernel without policy routing has no rules, and looks into local first.
  if (rules.length === 0) return;
  const stands = rules.some(
    (rule) =>
      rule.action === fra.FR_ACT_TO_TBL &&
      rule.table === RT_TABLE_LOCAL &&
      (rule.priority ?? 0) < preferenceBase &&
      selectsEverything(rule),
  );
  if (!stands) yield { kind: "local-rule-moved", family };
}

function* slotsTaken({ family, slots }: FamilyRouting): Generator<Obstacle> {
  for (const { slot, foreignRules, foreignRoutes } of slots) {
    const [rule] = foreignRules;
    const [route] = foreignRoutes;
    if (rule !== undefined) yield { kind: "slot-taken", family, slot, by: ruleText(rule) };
    else if (route !== undefined)
      yield { kind: "slot-taken", family, slot, by: `a route in table ${route.table}` };
  }
}

// suppress_prefixlength acts on answers, and a route that refuses is an error instead of an answer: in IPv4 it ends
// the walk through the rules, and the packet of a bound socket is taken to be on-link. IPv6 goes on.
function* killSwitches({ family, tables }: FamilyRouting): Generator<Obstacle> {
  if (family === "ipv6") return;
  for (const { prefix, type } of tables.get(RT_TABLE_MAIN) ?? [])
    if (refuses(type)) yield { kind: "kill-switch", family, prefix, type };
}

function* shadows(
  layout: SlotLayout,
  { family, rules, tables }: FamilyRouting,
  uplinks: ReadonlySet<number>,
): Generator<Obstacle> {
  for (const rule of rulesBefore(layout, rules)) {
    const preference = rule.priority ?? 0;
    const over = decidesOver(layout, rule, tables.get(rule.table) ?? [], uplinks);
    if (over !== "all" && over.length === 0) continue;
    const inverted = (rule.flags & fra.FIB_RULE_INVERT) !== 0;
    const owner = ruleOwner(preference);
    yield {
      kind: "shadowed",
      family,
      preference,
      by: owner === null ? ruleText(rule) : `${ruleText(rule)} (${owner})`,
      remedy: remedyFor(layout, preference),
      ...(rule.oifname === null || inverted ? {} : { oif: rule.oifname }),
      ...(over === "all" ? {} : { over }),
    };
  }
}

/** The uplinks of which packets of a bound socket stop at the rule, whatever stands behind it. */
function decidesOver(
  layout: SlotLayout,
  rule: RuleMessage,
  routes: readonly DefaultRoute[],
  uplinks: ReadonlySet<number>,
): readonly number[] | "all" {
  switch (rule.action) {
    case fra.FR_ACT_BLACKHOLE:
    case fra.FR_ACT_UNREACHABLE:
    case fra.FR_ACT_PROHIBIT:
      return "all";
    case fra.FR_ACT_GOTO:
      return (rule.goto ?? 0) > layout.preferenceBase ? "all" : [];
    case fra.FR_ACT_TO_TBL: {
      if (routes.some(({ type }) => refuses(type))) return "all";
      // A default over another interface than the socket's is passed over.
      const taken = routes.filter(
        ({ prefix }) => lengthOf(prefix) > (rule.suppressPrefixlen ?? -1),
      );
      return [...new Set(taken.flatMap(interfacesOfRoute))].filter((index) => uplinks.has(index));
    }
    default:
      return [];
  }
}

function remedyFor({ preferenceBase, slots }: SlotLayout, preference: number): string {
  const highest = preference - 2 * slots;
  return highest > 0
    ? `set preference_base to ${highest} or lower, so that the rules of netwatch come first`
    : `move that rule behind preference ${preferenceBase + 2 * slots - 1}, where the rules of netwatch end`;
}

/** False when a selector shuts out packets of a local socket that is bound to an interface and has no mark. */
function takesBound(rule: RuleMessage): boolean {
  if (rule.l3mdev === 1) return false;
  if ((rule.flags & fra.FIB_RULE_INVERT) !== 0) return true;
  const mask = rule.fwmask ?? 0xffff_ffff;
  if (rule.fwmark !== null && (rule.fwmark & mask) !== 0) return false;
  // A packet of this host's own comes in by `lo` (ip-rule(8)).
  if (rule.iifname !== null && rule.iifname !== "lo") return false;
  const wide = rule.srcLength === 0 && rule.dstLength <= longestDefaultPrefix;
  const some = rule.ipProto !== null || rule.sportRange !== null || rule.dportRange !== null;
  const users = rule.uidRange === null || rule.uidRange.end - rule.uidRange.start > 0x7fff_ffff;
  return wide && users && !some && rule.tos === 0;
}

function selectsEverything(rule: RuleMessage): boolean {
  const { srcLength, dstLength, iifname, oifname, fwmark } = rule;
  const open = iifname === null && oifname === null && (fwmark ?? 0) === 0;
  return open && srcLength + dstLength === 0 && (rule.flags & fra.FIB_RULE_INVERT) === 0;
}

function refuses(type: DefaultRoute["type"]): boolean {
  return type === "blackhole" || type === "unreachable" || type === "prohibit";
}

function lengthOf(prefix: string): number {
  return Number(prefix.slice(prefix.indexOf("/") + 1));
}
