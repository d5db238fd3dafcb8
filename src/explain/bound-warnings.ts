import type { ExplanationWarning } from "../admin-api/explanation-schema.ts";
import type { RoutingLink, RoutingRule } from "../platform/route-inquiry.ts";
import type { Decision } from "./decision.ts";
import { exitOf, type Facts } from "./facts.ts";
import { flowOf } from "./flow.ts";
import { tableName } from "./route-text.ts";
import { matchRule } from "./rule-match.ts";
import { ruleText } from "./rule-text.ts";
import { tableOf } from "./rule-walk.ts";

/** Routes as short as these redirect a whole host; a longer one is about some destinations only. */
const longestDefault = 7;

/** What goes wrong for a socket that is bound to an interface. */
export function* boundWarnings(facts: Facts): Generator<ExplanationWarning> {
  const { packet, view } = facts;
  const link = packet.boundTo === null ? undefined : view.links.get(packet.boundTo);
  if (link === undefined) return;
  const hidden = [...shadowed(facts, link)];
  yield* onLink(facts, link, hidden.length > 0);
  yield* hidden;
  yield* elsewhere(facts, link);
}

function* onLink(
  { lookUp, agrees, packet }: Facts,
  link: RoutingLink,
  hasDefaultOfItsOwn: boolean,
): Generator<ExplanationWarning> {
  const { decision } = lookUp;
  if (decision.kind !== "on-link" || !agrees) return;
  if (!link.hasNeighbours) {
    yield {
      code: "on-link-black-hole",
      gravity: "warn",
      text: `no table has a route by ${link.name}, and the kernel sends the packet into it all the same (${decision.because})`,
      remedy: null,
    };
    return;
  }
  yield {
    code: "on-link-black-hole",
    gravity: "bad",
    text: `no route lets a socket bound to ${link.name} reach ${packet.destination} (${decision.because}): the kernel takes it to be a neighbour on that link, asks for it there by ARP, and never gets an answer`,
    remedy: hasDefaultOfItsOwn
      ? null
      : `Give ${link.name} a default for the sockets bound to it: netwatch routes install ${link.name}`,
  };
}

/** A rule for this very interface leads to a default over it, but the packet never gets there. */
function* shadowed(facts: Facts, link: RoutingLink): Generator<ExplanationWarning> {
  const { lookUp, view, packet } = facts;
  const { decision } = lookUp;
  if (!isWide(decision)) return;
  const decider = decision.kind === "route" || decision.kind === "refused" ? decision.rule : null;
  const deciding = decider ?? refuserOf(facts);
  if (deciding === null) return;
  const flow = flowOf(packet, view.links, "as-socket");
  const scoped = view.rules.find(
    (rule) =>
      rule.boundTo?.index === link.index &&
      rule.preference > deciding.preference &&
      matchRule(rule, flow, view.links).matches &&
      hasDefault(facts, rule, link),
  );
  if (scoped === undefined || scoped === deciding) return;
  const owner = deciding.owner === null ? "" : ` (${deciding.owner})`;
  const isLost = decision.kind !== "route";
  yield {
    code: "scoped-default-shadowed",
    gravity: isLost ? "bad" : "warn",
    text: `${link.name} has a default of its own in table ${tableName(tableOf(scoped, flow) ?? 0)} (rule ${scoped.preference}), but rule ${deciding.preference}${owner} decides first: ${ruleText(deciding)}`,
    remedy: `Move the rule of ${link.name} before preference ${deciding.preference}.`,
  };
}

/** A decision about all destinations, not about a network next door. */
function isWide(decision: Decision): boolean {
  switch (decision.kind) {
    case "route":
      return decision.route.prefix.length <= longestDefault;
    case "refused":
      return decision.route === null || decision.route.prefix.length <= longestDefault;
    case "on-link":
      return true;
    case "no-look-up":
      return false;
    default:
      return decision satisfies never;
  }
}

/** For a packet that went out on-link because something refused it: the last rule that was followed. */
function refuserOf({ lookUp }: Facts): RoutingRule | null {
  const last = lookUp.steps.findLast((step) => step.kind === "rule");
  return last?.kind === "rule" && last.matches ? last.rule : null;
}

function hasDefault({ packet, view }: Facts, rule: RoutingRule, link: RoutingLink): boolean {
  const table = tableOf(rule, flowOf(packet, view.links, "as-socket"));
  if (table === null || rule.suppressPrefixLength !== null) return false;
  return (view.tables.get(table) ?? []).some(
    ({ type, prefix, ways }) =>
      type === "unicast" &&
      prefix.length <= longestDefault &&
      ways.some(({ interfaceIndex, dead }) => interfaceIndex === link.index && !dead),
  );
}

/** RTM_GETROUTE holds an IPv6 packet with a source only loosely to its interface; a bound socket is held. */
function* elsewhere(facts: Facts, link: RoutingLink): Generator<ExplanationWarning> {
  const { held } = facts;
  if (held === null) return;
  const exit = exitOf(facts)?.name ?? "no interface";
  yield {
    code: "bound-elsewhere",
    gravity: "warn",
    text: `asked about a source and an interface together, the kernel answers ${exit}; a socket that is bound to ${link.name} is held to it: ${heldWords(held.decision, facts)}`,
    remedy: "Ask without --from to have the kernel's own answer for the interface.",
  };
}

function heldWords(decision: Decision, { view }: Facts): string {
  switch (decision.kind) {
    case "refused":
      return `its packets are refused (${decision.code})`;
    case "route": {
      const [way] = decision.ways;
      const name = view.links.get(way?.interfaceIndex ?? 0)?.name ?? "";
      const gateway = way?.gateway ?? null;
      return `its packets leave by ${name}${gateway === null ? "" : ` via ${gateway}`}`;
    }
    default:
      return "its packets stay on the link";
  }
}
