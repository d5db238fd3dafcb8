import type { Explanation, ExplanationStep, Verdict } from "../admin-api/explanation-schema.ts";
import type { Packet } from "../network/packet.ts";
import type { RoutingLink } from "../platform/route-inquiry.ts";
import type { Decision, Step } from "./decision.ts";
import { routeText } from "./route-text.ts";
import { ruleText } from "./rule-text.ts";

/** The packet in the words of the answer: interfaces by name. */
export function packetWords(
  packet: Packet,
  name: string | null,
  links: ReadonlyMap<number, RoutingLink>,
): Explanation["packet"] {
  const nameOf = (index: number | null): string | null =>
    index === null ? null : (links.get(index)?.name ?? `if${index}`);
  return {
    ...packet,
    name,
    boundTo: nameOf(packet.boundTo),
    arrivesOn: nameOf(packet.arrivesOn),
  };
}

/** A verdict that says nothing yet, to spread into new ones. */
export const nothing: Verdict = {
  outcome: "refused",
  interface: null,
  gateway: null,
  source: null,
  table: null,
  route: null,
  error: null,
};

/** A decision of ours as a verdict. */
export function expectedOf(decision: Decision, links: ReadonlyMap<number, RoutingLink>): Verdict {
  const name = (index: number | undefined): string | null =>
    index === undefined ? null : (links.get(index)?.name ?? `if${index}`);
  switch (decision.kind) {
    case "refused":
      return {
        ...nothing,
        error: { code: decision.code, message: decision.why, why: decision.why },
      };
    case "on-link":
    case "no-look-up":
      return { ...nothing, outcome: "leaves", interface: name(decision.interfaceIndex) };
    case "route": {
      const { route, ways } = decision;
      return {
        ...nothing,
        outcome: route.type === "local" ? "delivered" : "leaves",
        interface: name(ways[0]?.interfaceIndex),
        gateway: ways[0]?.gateway ?? null,
        source: route.source,
        table: route.table,
        route: route.prefix.text,
      };
    }
    default:
      return decision satisfies never;
  }
}

/** A step in the words of the answer. */
export function stepOf(step: Step, links: ReadonlyMap<number, RoutingLink>): ExplanationStep {
  switch (step.kind) {
    case "rule": {
      const { preference, owner } = step.rule;
      const { matches, table, why } = step;
      return { kind: "rule", preference, rule: ruleText(step.rule), owner, matches, table, why };
    }
    case "route": {
      const { route, chosen, why } = step;
      return { kind: "route", table: route.table, route: routeText(route, links), chosen, why };
    }
    case "note":
      return step;
    default:
      return step satisfies never;
  }
}
