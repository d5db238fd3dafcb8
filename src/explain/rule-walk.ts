import type { CoveringRoute, RoutingLink, RoutingRule } from "../platform/route-inquiry.ts";
import type { Decision, LookUp, RefusalCode, Step, TableLookUp, TableResult } from "./decision.ts";
import { type Flow, loopbackIndex } from "./flow.ts";
import { lookUpIpv4 } from "./ipv4-table.ts";
import { lookUpIpv6 } from "./ipv6-table.ts";
import { tableName } from "./route-text.ts";
import { matchRule } from "./rule-match.ts";

/** Everything that decides, as read. Only tables that a rule leads to need be there. */
export interface RoutingView {
  readonly rules: readonly RoutingRule[];
  readonly tables: ReadonlyMap<number, readonly CoveringRoute[]>;
  readonly links: ReadonlyMap<number, RoutingLink>;
}

/** The table that a rule looks into for this packet; null when it looks into none. */
export function tableOf({ action }: RoutingRule, flow: Flow): number | null {
  if (action.kind === "lookup") return action.table;
  return action.kind === "lookup-vrf" ? (flow.vrf?.table ?? null) : null;
}

// fib4_rule_action(), fib6_rule_action()
const ruleRefusals: Readonly<Record<"unreachable" | "blackhole" | "prohibit", RefusalCode>> = {
  unreachable: "ENETUNREACH",
  blackhole: "EINVAL",
  prohibit: "EACCES",
};

/** Tries the rules in order, as fib_rules_lookup() does (net/core/fib_rules.c). */
export function walkRules(view: RoutingView, flow: Flow): LookUp {
  const steps: Step[] = [];
  let at = 0;
  while (at < view.rules.length) {
    const rule = view.rules[at];
    at += 1;
    if (rule === undefined) break;
    const tried = tryRule(rule, view, flow);
    steps.push(...tried.steps);
    if (tried.decision !== null) return { steps, decision: tried.decision };
    if (tried.jump !== null) {
      const { jump } = tried;
      const target = view.rules.findIndex(({ preference }) => preference === jump);
      if (target >= at) at = target;
    }
  }
  const why = "no rule leads to a route";
  steps.push({ kind: "note", why });
  return {
    steps,
    decision: { kind: "refused", code: "ENETUNREACH", rule: null, route: null, why },
  };
}

interface Tried {
  readonly steps: readonly Step[];
  readonly decision: Decision | null;
  readonly jump: number | null;
}

function tryRule(rule: RoutingRule, view: RoutingView, flow: Flow): Tried {
  const { matches, why } = matchRule(rule, flow, view.links);
  const { action } = rule;
  const step = (words: string, table: number | null = null): Step => {
    return { kind: "rule", rule, matches, why: words, table };
  };
  const next = (words: string): Tried => ({ steps: [step(words)], decision: null, jump: null });
  if (!matches) return next(why);
  switch (action.kind) {
    case "nop":
      return next(`${why}, and does nothing`);
    case "goto": {
      if (!action.resolved) return next(`${why}, but there is no rule ${action.target} to go to`);
      return {
        steps: [step(`${why}: goes on at ${action.target}`)],
        decision: null,
        jump: action.target,
      };
    }
    case "refuse": {
      const code = ruleRefusals[action.type];
      const decision: Decision = {
        kind: "refused",
        code,
        rule,
        route: null,
        why: `rule ${rule.preference} says ${action.type}`,
      };
      return { steps: [step(`${why}, and refuses the packet`)], decision, jump: null };
    }
    case "lookup":
    case "lookup-vrf": {
      const table = tableOf(rule, flow) ?? 0;
      const { steps, result } = lookUp(table, view, flow);
      const suppressed = suppression(rule, result, view, flow);
      const words = `${why}: ${suppressed ?? outcomeWords(result, table)}`;
      const shown =
        suppressed === null ? steps : steps.map((one) => withoutChoice(one, suppressed));
      const decision = suppressed === null ? decisionOf(rule, result) : null;
      return { steps: [step(words, table), ...shown], decision, jump: null };
    }
    default:
      return action satisfies never;
  }
}

function lookUp(table: number, { tables, links }: RoutingView, flow: Flow): TableLookUp {
  const routes = tables.get(table) ?? [];
  return flow.family === "ipv4"
    ? lookUpIpv4(table, routes, flow, links)
    : lookUpIpv6(table, routes, flow, links);
}

/** Why the rule does not accept the route that its table gave; null when it does. */
function suppression(
  rule: RoutingRule,
  result: TableResult,
  { links }: RoutingView,
  flow: Flow,
): string | null {
  if (result.kind !== "route") return null;
  const { route, ways } = result;
  const { suppressPrefixLength, suppressGroup } = rule;
  if (suppressPrefixLength !== null && route.prefix.length <= suppressPrefixLength)
    return `the route found is too short for suppress_prefixlength ${suppressPrefixLength}`;
  if (suppressGroup === null) return null;
  // An address of this host's own is reached over the loopback interface (ip6_rt_get_dev_rcu).
  const isLoopback = flow.family === "ipv6" && (route.type === "local" || route.type === "anycast");
  const way = flow.family === "ipv4" ? route.ways[0] : ways[0];
  const index = isLoopback && !flow.strict ? loopbackIndex : way?.interfaceIndex;
  const link = index === undefined ? undefined : links.get(index);
  return link?.group === suppressGroup
    ? `the route found leaves by ${link.name}, which is in the suppressed group ${suppressGroup}`
    : null;
}

function withoutChoice(step: Step, why: string): Step {
  return step.kind === "route" && step.chosen ? { ...step, chosen: false, why } : step;
}

function outcomeWords(result: TableResult, table: number): string {
  if (result.kind === "route") return `table ${tableName(table)} decides`;
  return result.kind === "refused" ? `table ${tableName(table)} refuses` : result.why;
}

function decisionOf(rule: RoutingRule, result: TableResult): Decision | null {
  switch (result.kind) {
    case "nothing":
      return null;
    case "refused": {
      const { code, route } = result;
      const why = `${route.prefix.text} in table ${tableName(route.table)} says ${route.type}`;
      return { kind: "refused", code, rule, route, why };
    }
    case "route":
      return { ...result, rule };
    default:
      return result satisfies never;
  }
}
