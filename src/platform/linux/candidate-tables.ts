import { RT_TABLE_LOCAL, RT_TABLE_MAIN } from "../../wire/netlink/route-constants.ts";
import type { RuleMessage } from "../../wire/netlink/rule.ts";
import { FIB_RULE_INVERT, FR_ACT_TO_TBL } from "../../wire/netlink/rule-constants.ts";

/**
 * The tables in which a packet of an unbound, unmarked local socket may find its default, main first. The local
 * table has none, tables of VRFs (l3mdev) are reached by bound sockets only, and the tables of our own rules
 * (`protocolTag`) serve bound sockets.
 */
export function candidateTables(
  rules: readonly RuleMessage[],
  protocolTag: number,
): readonly number[] {
  const tables = new Set([RT_TABLE_MAIN]);
  for (const rule of rules) {
    if (rule.action !== FR_ACT_TO_TBL || rule.table === 0 || rule.table === RT_TABLE_LOCAL)
      continue;
    if (rule.protocol === protocolTag || rule.l3mdev === 1) continue;
    if (reachesUnbound(rule)) tables.add(rule.table);
  }
  return [...tables];
}

/** Whether a rule sends unbound packets into another table before main is looked into. */
export function decidesBeforeMain(
  rule: RuleMessage,
  rules: readonly RuleMessage[],
  protocolTag: number,
): boolean {
  const main = rules.find(
    (one) => one.action === FR_ACT_TO_TBL && one.table === RT_TABLE_MAIN && reachesUnbound(one),
  );
  const table = rule.table !== RT_TABLE_MAIN && rule.table !== RT_TABLE_LOCAL && rule.table !== 0;
  const isOurs = rule.protocol === protocolTag || rule.l3mdev === 1;
  return (
    rule.action === FR_ACT_TO_TBL &&
    table &&
    !isOurs &&
    reachesUnbound(rule) &&
    (rule.priority ?? 0) <= (main?.priority ?? Number.POSITIVE_INFINITY)
  );
}

/** False when a selector shuts out packets without mark, device and source address. */
function reachesUnbound(rule: RuleMessage): boolean {
  if ((rule.flags & FIB_RULE_INVERT) !== 0) return true;
  const mask = rule.fwmask ?? 0xffff_ffff;
  if (rule.fwmark !== null && (rule.fwmark & mask) !== 0) return false;
  // A packet of this host's own comes in by `lo` (ip-rule(8)).
  if (rule.iifname !== null && rule.iifname !== "lo") return false;
  return rule.oifname === null && rule.srcLength === 0;
}
