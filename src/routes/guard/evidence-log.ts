import type { DefaultRoute } from "../../network/route.ts";
import type { Requester, RouteEvidence } from "../../platform/route-evidence.ts";
import { isSameDefault, isSameKey } from "./default-identity.ts";

/** What messages said of the defaults of one family in the last seconds. */
export interface EvidenceLog {
  add(evidence: RouteEvidence, now: number): void;
  /**
   * Who took a default away since, the last of it if it stood by several metrics. Null when nothing says so, or when
   * it was put back after.
   */
  removerOf(route: DefaultRoute, metrics: readonly number[], since: number): Requester | null;
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
    removerOf(route, metrics, since) {
      const standing = new Set(metrics);
      let remover: Requester | null = null;
      for (const { evidence, at } of kept) {
        if (at < since) continue;
        const { action, requester } = evidence;
        const { metric } = evidence.route;
        if (isSameDefault(evidence.route, route) && action !== "removed") {
          standing.add(metric);
          remover = null;
        } else if (takesAway(evidence, route) && standing.delete(metric) && standing.size === 0) {
          remover = requester;
        }
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

function takesAway({ action, route: named }: RouteEvidence, route: DefaultRoute): boolean {
  if (action === "removed") return isSameDefault(named, route);
  return action === "replaced" && isSameKey(named, { ...route, metric: named.metric });
}
