import type { DefaultRoute } from "../../network/route.ts";
import type { Requester, RouteEvidence } from "../../platform/route-evidence.ts";
import { isSameDefault, isSameKey } from "./default-identity.ts";

/** What messages said of the defaults of one family in the last seconds. */
export interface EvidenceLog {
  add(evidence: RouteEvidence, now: number): void;
  /** Who took a default away since, or null when nothing says so, or when it was put back after. */
  removerOf(route: DefaultRoute, since: number): Requester | null;
  /** Who put it there last, or null. */
  adderOf(route: DefaultRoute): Requester | null;
  /** What was kept for longer than this is forgotten. */
  forgetBefore(time: number): void;
}

/** A host whose defaults change faster than this has no use for old evidence. */
const mostKept = 512;

export function createEvidenceLog(): EvidenceLog {
  let kept: { readonly evidence: RouteEvidence; readonly at: number }[] = [];
  return {
    add(evidence, now) {
      kept.push({ evidence, at: now });
      if (kept.length > mostKept) kept = kept.slice(-mostKept);
    },
    removerOf(route, since) {
      let remover: Requester | null = null;
      for (const { evidence, at } of kept) {
        if (at < since) continue;
        const { action, requester } = evidence;
        if (isSameDefault(evidence.route, route))
          remover = action === "removed" ? (remover ?? requester) : null;
        // Of a route that is gone already nothing is left to be replaced.
        else if (action === "replaced" && isSameKey(evidence.route, route)) remover ??= requester;
      }
      return remover;
    },
    adderOf(route) {
      const added = kept.findLast(
        ({ evidence }) => evidence.action !== "removed" && isSameDefault(evidence.route, route),
      );
      return added?.evidence.requester ?? null;
    },
    forgetBefore(time) {
      kept = kept.filter(({ at }) => at >= time);
    },
  };
}
