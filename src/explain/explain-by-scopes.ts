import type { Explanation, Verdict } from "../admin-api/explanation-schema.ts";
import type { Packet } from "../network/packet.ts";
import type {
  CoveringRoute,
  KernelAnswer,
  RoutingLink,
  ScopeInquiry,
} from "../platform/route-inquiry.ts";
import type { Decision, LookUp } from "./decision.ts";
import { explanationOf } from "./explanation.ts";
import { nothing } from "./explanation-words.ts";
import { lookUpByScope } from "./scope-look-up.ts";
import { findScopeWarnings } from "./scope-warnings.ts";

/** What is known of a packet's way where routes have scopes. */
export interface ScopeFacts {
  readonly packet: Packet;
  readonly links: ReadonlyMap<number, RoutingLink>;
  readonly routes: readonly CoveringRoute[];
  readonly answer: KernelAnswer;
  readonly lookUp: LookUp;
  readonly agrees: boolean;
}

/**
 * As explainPacket(), for a system whose routes can be for the sockets of one interface alone.
 *
 * @throws PlatformError
 */
export async function explainByScopes(
  inquiry: ScopeInquiry,
  packet: Packet,
  name: string | null,
  links: ReadonlyMap<number, RoutingLink>,
  signal: AbortSignal,
): Promise<Explanation> {
  return await explanationOf(packet, name, links, {
    gather: () => gather(inquiry, packet, links, signal),
    verdictOf,
    warningsOf: findScopeWarnings,
  });
}

async function gather(
  inquiry: ScopeInquiry,
  packet: Packet,
  links: ReadonlyMap<number, RoutingLink>,
  signal: AbortSignal,
): Promise<ScopeFacts> {
  const routes = await inquiry.readCovering(packet.destination, signal);
  const zero = packet.family === "ipv4" ? "0.0.0.0" : "::";
  const defaults = await inquiry.readCovering(zero, signal);
  const answer = await inquiry.ask(packet, signal);
  const lookUp = lookUpByScope({ routes, defaults, links }, packet);
  const agrees = agreesByScope(lookUp.decision, answer);
  return { packet, links, routes, answer, lookUp, agrees };
}

/** Whether a look-up of ours ended where the kernel's did. */
export function agreesByScope(decision: Decision, answer: KernelAnswer): boolean {
  if (decision.kind !== "route" || answer.kind !== "route")
    return decision.kind === "refused" && answer.kind === "refused";
  const [way] = decision.route.ways;
  const isSameWay = way?.interfaceIndex === answer.interfaceIndex && way.gateway === answer.gateway;
  const length = answer.entry?.prefix.length;
  // What the kernel has cloned for the very destination stands for the route that it was made of.
  const isClone = length === decision.route.prefix.bytes.length * 8;
  return isSameWay && (isClone || length === decision.route.prefix.length);
}

function verdictOf({ answer, links, packet, lookUp, agrees }: ScopeFacts): Verdict {
  if (answer.kind === "refused") {
    const { decision } = lookUp;
    const why = agrees && decision.kind === "refused" ? decision.why : null;
    return { ...nothing, error: { code: answer.code, message: answer.message, why } };
  }
  const index = answer.interfaceIndex;
  return {
    outcome: answer.type === "local" ? "delivered" : "leaves",
    interface: index === null ? null : (links.get(index)?.name ?? `if${index}`),
    gateway: answer.gateway,
    source: packet.source ?? answer.source,
    table: answer.table,
    route: answer.entry?.prefix.text ?? null,
    error: null,
  };
}
