import type { NumberRange, RoutingRule } from "../platform/route-inquiry.ts";
import { protocolWord } from "./protocol-name.ts";
import { tableName } from "./route-text.ts";

/** A rule in the words of ip-rule(8), without its preference: `from all oif eth0 lookup 5100 proto 199`. */
export function ruleText(rule: RoutingRule): string {
  const words: string[] = rule.inverted ? ["not"] : [];
  const put = (word: string, value: string | number | null | undefined): void => {
    if (value !== null && value !== undefined) words.push(word, String(value));
  };
  put("from", rule.source?.text ?? "all");
  put("to", rule.destination?.text);
  put("tos", rule.tos === null ? null : `0x${rule.tos.value.toString(16)}`);
  put("fwmark", markText(rule));
  put("iif", interfaceText(rule.arrivesOn));
  put("oif", interfaceText(rule.boundTo));
  put("uidrange", rule.uids === null ? null : `${rule.uids.first}-${rule.uids.last}`);
  put("ipproto", rule.protocol === null ? null : protocolWord(rule.protocol));
  put("sport", rangeText(rule.sourcePorts));
  put("dport", rangeText(rule.destinationPorts));
  words.push(...actionWords(rule));
  put("suppress_prefixlength", rule.suppressPrefixLength);
  put("suppress_ifgroup", rule.suppressGroup);
  put("proto", rule.protocolName === "kernel" ? null : rule.protocolName);
  return words.join(" ");
}

function actionWords({ action }: RoutingRule): readonly string[] {
  switch (action.kind) {
    case "lookup":
      return ["lookup", tableName(action.table)];
    case "lookup-vrf":
      return ["lookup", "[l3mdev-table]"];
    case "goto":
      return ["goto", `${action.target}${action.resolved ? "" : " [unresolved]"}`];
    case "nop":
      return ["nop"];
    case "refuse":
      return [action.type];
    default:
      return action satisfies never;
  }
}

function markText({ mark }: RoutingRule): string | null {
  if (mark === null) return null;
  const mask = mark.mask === 0xffff_ffff ? "" : `/0x${mark.mask.toString(16)}`;
  return `0x${mark.value.toString(16)}${mask}`;
}

function interfaceText(named: RoutingRule["boundTo"]): string | null {
  if (named === null) return null;
  return named.index === null ? `${named.name} [detached]` : named.name;
}

function rangeText(range: NumberRange | null): string | null {
  if (range === null) return null;
  return range.first === range.last ? String(range.first) : `${range.first}-${range.last}`;
}
