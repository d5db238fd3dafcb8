import type { Explanation, Verdict } from "../admin-api/explanation-schema.ts";
import type { Packet } from "../network/packet.ts";
import type { KernelAnswer, RoutingLink, RuleInquiry } from "../platform/route-inquiry.ts";
import { agrees } from "./agreement.ts";
import { decide } from "./decide.ts";
import type { Decision } from "./decision.ts";
import { explanationOf } from "./explanation.ts";
import { nothing } from "./explanation-words.ts";
import { exitOf, type Facts } from "./facts.ts";
import { isLocal, readView } from "./read-view.ts";
import { findWarnings } from "./warnings.ts";

/**
 * As explainPacket(), for a system that decides by rules.
 *
 * @throws PlatformError
 */
export async function explainByRules(
  inquiry: RuleInquiry,
  packet: Packet,
  name: string | null,
  links: ReadonlyMap<number, RoutingLink>,
  signal: AbortSignal,
): Promise<Explanation> {
  return await explanationOf(packet, name, links, {
    gather: () => gather(inquiry, packet, links, signal),
    verdictOf,
    warningsOf: findWarnings,
  });
}

async function gather(
  inquiry: RuleInquiry,
  packet: Packet,
  links: ReadonlyMap<number, RoutingLink>,
  signal: AbortSignal,
): Promise<Facts> {
  const view = await readView(inquiry, packet, links, signal);
  const answer = inquiry.ask(packet);
  const arrived = packet.arrivesOn !== null;
  const lookUp = decide(view, packet, "as-asked");
  const held = decide(view, packet, "as-socket");
  const exit = exitOf({ answer, view });
  const source = packet.source ?? (answer.kind === "route" ? answer.source : null);
  return {
    packet,
    view,
    answer,
    lookUp,
    held: isSameEnd(lookUp.decision, held.decision) ? null : held,
    agrees: agrees(lookUp.decision, answer, arrived),
    sourceIsOurs: source === null || isLocal(inquiry, packet, source, links),
    ...checkAnswer(inquiry, packet, answer, exit),
    tunnelExit: exit === undefined ? null : askTunnelExit(inquiry, packet, exit),
  };
}

function isSameEnd(one: Decision, other: Decision): boolean {
  const endOf = (decision: Decision): unknown =>
    decision.kind === "route" ? [decision.route, decision.ways] : { ...decision, rule: null };
  return JSON.stringify(endOf(one)) === JSON.stringify(endOf(other));
}

/** Asks whether an answer would be let in. It is taken to come back by the interface that the packet left by. */
function checkAnswer(
  inquiry: RuleInquiry,
  packet: Packet,
  answer: KernelAnswer,
  exit: RoutingLink | undefined,
): Pick<Facts, "filter" | "back"> {
  const none = { filter: null, back: null };
  const isChecked = packet.family === "ipv4" && packet.arrivesOn === null && exit !== undefined;
  if (!isChecked || answer.kind === "refused" || answer.type !== "unicast") return none;
  const filter = inquiry.readReversePathFilter(exit.name);
  const source = packet.source ?? answer.source;
  if (filter === null || filter.mode === "off" || source === null) return none;
  const returning: Packet = {
    ...packet,
    destination: source,
    source: packet.destination,
    boundTo: null,
    arrivesOn: exit.index,
    sourcePort: packet.destinationPort,
    destinationPort: packet.sourcePort,
  };
  return { filter, back: inquiry.ask(returning) };
}

function askTunnelExit(
  inquiry: RuleInquiry,
  packet: Packet,
  { tunnelTo }: RoutingLink,
): KernelAnswer | null {
  if (tunnelTo === null) return null;
  return inquiry.ask({
    ...packet,
    family: tunnelTo.includes(":") ? "ipv6" : "ipv4",
    destination: tunnelTo,
    source: null,
    boundTo: null,
    arrivesOn: null,
    mark: 0,
    uid: 0,
    tos: 0,
    protocol: 17,
    sourcePort: null,
    destinationPort: null,
  });
}

function verdictOf({ answer, view, lookUp, agrees: agreed, packet }: Facts): Verdict {
  const { links } = view;
  const { decision } = lookUp;
  if (answer.kind === "refused") {
    const why = agreed && decision.kind === "refused" ? decision.why : null;
    return { ...nothing, error: { code: answer.code, message: answer.message, why } };
  }
  // Where the kernel has local and main in one, it calls both main.
  const table = agreed && decision.kind === "route" ? decision.route.table : answer.table;
  const delivered = answer.type === "local";
  const index = delivered
    ? (answer.entry?.ways[0]?.interfaceIndex ?? answer.interfaceIndex)
    : answer.interfaceIndex;
  return {
    outcome: delivered ? "delivered" : "leaves",
    interface: index === null ? null : (links.get(index)?.name ?? `if${index}`),
    gateway: answer.gateway,
    source: packet.arrivesOn === null ? (packet.source ?? answer.source) : packet.source,
    table: answer.entry === null && decision.kind !== "route" ? null : table,
    route: answer.entry?.prefix.text ?? null,
    error: null,
  };
}
