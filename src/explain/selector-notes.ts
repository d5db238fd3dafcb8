import type { ExplanationWarning } from "../admin-api/explanation-schema.ts";
import type { RoutingRule } from "../platform/route-inquiry.ts";
import type { Facts } from "./facts.ts";
import { flowOf } from "./flow.ts";
import { protocolWord } from "./protocol-name.ts";
import { matchRule } from "./rule-match.ts";
import { ruleText } from "./rule-text.ts";

/** Rules that were passed over for the protocol or a port alone: another connection would take them. */
export function* selectorNotes({ lookUp, packet, view }: Facts): Generator<ExplanationWarning> {
  const flow = flowOf(packet, view.links, "as-asked");
  for (const step of lookUp.steps) {
    if (step.kind !== "rule" || step.rule.inverted || step.matches || !selectsMore(step.rule))
      continue;
    const wide = { ...step.rule, protocol: null, sourcePorts: null, destinationPorts: null };
    if (!matchRule(wide, flow, view.links).matches) continue;
    yield {
      code: "depends-on-port",
      gravity: "note",
      text: `rule ${step.rule.preference} takes other connections of the same kind: ${ruleText(step.rule)}`,
      remedy: `Ask again with ${optionsFor(step.rule)}.`,
    };
  }
}

function selectsMore({ protocol, sourcePorts, destinationPorts, action }: RoutingRule): boolean {
  if (action.kind === "nop") return false;
  return protocol !== null || sourcePorts !== null || destinationPorts !== null;
}

function optionsFor({ protocol, sourcePorts, destinationPorts }: RoutingRule): string {
  return [
    ...(protocol === null ? [] : [`--protocol ${protocolWord(protocol)}`]),
    ...(sourcePorts === null ? [] : [`--sport ${sourcePorts.first}`]),
    ...(destinationPorts === null ? [] : [`--dport ${destinationPorts.first}`]),
  ].join(" ");
}
