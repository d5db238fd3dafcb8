import type { Explanation, ExplanationWarning, Verdict } from "../admin-api/explanation-schema.ts";
import type { Packet } from "../network/packet.ts";
import type { RoutingLink } from "../platform/route-inquiry.ts";
import type { LookUp } from "./decision.ts";
import { expectedOf, packetWords, stepOf } from "./explanation-words.ts";

/** What was read of a packet's way, and where our own look-up of it ended. */
export interface Gathered {
  readonly lookUp: LookUp;
  /** It ended where the kernel's did. */
  readonly agrees: boolean;
}

/** How a system's routes are read and judged. */
export interface WayOfExplaining<Facts extends Gathered> {
  readonly gather: () => Promise<Facts>;
  readonly verdictOf: (facts: Facts) => Verdict;
  readonly warningsOf: (facts: Facts) => ExplanationWarning[];
}

/** A table that changes while it is read is read once more. */
const attempts = 2;

/** @throws PlatformError */
export async function explanationOf<Facts extends Gathered>(
  packet: Packet,
  name: string | null,
  links: ReadonlyMap<number, RoutingLink>,
  { gather, verdictOf, warningsOf }: WayOfExplaining<Facts>,
): Promise<Explanation> {
  let facts = await gather();
  for (let attempt = 1; attempt < attempts && !facts.agrees; attempt += 1) facts = await gather();
  return {
    packet: packetWords(packet, name, links),
    verdict: verdictOf(facts),
    expected: facts.agrees ? null : expectedOf(facts.lookUp.decision, links),
    steps: facts.lookUp.steps.map((step) => stepOf(step, links)),
    warnings: warningsOf(facts),
  };
}
