import { RT_TABLE_LOCAL, RT_TABLE_MAIN } from "../../wire/netlink/route-constants.ts";
import type { RuleMessage } from "../../wire/netlink/rule.ts";
import * as fra from "../../wire/netlink/rule-constants.ts";
import { addressText } from "./route-translation.ts";
import { routeProtocolOf } from "./route-words.ts";

/** A rule as ip-rule(8) prints it, as far as it selects and acts: `5270: from all lookup 52 proto 3`. */
export function ruleText(rule: RuleMessage): string {
  const words = [`${rule.priority ?? 0}:`];
  const put = (word: string, value: string | number | null): void => {
    if (value !== null) words.push(word, String(value));
  };
  if ((rule.flags & fra.FIB_RULE_INVERT) !== 0) words.push("not");
  put("from", rule.src === null ? "all" : `${addressText(rule.src)}/${rule.srcLength}`);
  put("to", rule.dst === null ? null : `${addressText(rule.dst)}/${rule.dstLength}`);
  put("fwmark", rule.fwmark === null ? null : markText(rule));
  put("iif", rule.iifname);
  put("oif", rule.oifname);
  put("uidrange", rule.uidRange && `${rule.uidRange.start}-${rule.uidRange.end}`);
  put("ipproto", rule.ipProto);
  if (rule.l3mdev === 1) words.push("lookup", "[l3mdev-table]");
  else words.push(...actionWords(rule));
  put("suppress_prefixlength", rule.suppressPrefixlen);
  put(
    "proto",
    rule.protocol === null || rule.protocol === 0 ? null : routeProtocolOf(rule.protocol),
  );
  return words.join(" ");
}

/** Whose rule it is likely to be, by the preferences that known products use; null for any other. */
export function ruleOwner(preference: number): string | null {
  if (preference === 105 || preference === 110) return "NetBird";
  if (preference === 1000) return "a VRF (l3mdev)";
  if (preference > 1000 && preference < 4000) return "mwan3";
  if (preference >= 5210 && preference <= 5270) return "Tailscale";
  if (preference >= 9000 && preference <= 9010) return "sing-tun";
  return preference >= 32_700 && preference < 32_766 ? "wg-quick" : null;
}

function actionWords(rule: RuleMessage): readonly string[] {
  switch (rule.action) {
    case fra.FR_ACT_TO_TBL:
      return ["lookup", tableName(rule.table)];
    case fra.FR_ACT_GOTO:
      return ["goto", String(rule.goto ?? 0)];
    case fra.FR_ACT_BLACKHOLE:
      return ["blackhole"];
    case fra.FR_ACT_UNREACHABLE:
      return ["unreachable"];
    case fra.FR_ACT_PROHIBIT:
      return ["prohibit"];
    default:
      return ["action", String(rule.action)];
  }
}

function tableName(table: number): string {
  if (table === RT_TABLE_MAIN) return "main";
  return table === RT_TABLE_LOCAL ? "local" : String(table);
}

function markText({ fwmark, fwmask }: RuleMessage): string {
  const mask = fwmask === null || fwmask === 0xffff_ffff ? "" : `/0x${fwmask.toString(16)}`;
  return `0x${(fwmark ?? 0).toString(16)}${mask}`;
}
