import type { DefaultRoute } from "../../network/route.ts";
import type { Requester, RouteEvidence } from "../../platform/route-evidence.ts";
import { isSameDefault, isSameKey } from "./default-identity.ts";

/** How a default was last seen to stand. */
export interface LastStood {
  readonly at: number;
  /** What had been heard by then; see `EvidenceLog.heard`. */
  readonly heard: number;
  /** The same default can stand more than once. */
  readonly metrics: readonly number[];
}

/** What messages said of the defaults of one family in the last seconds. */
export interface EvidenceLog {
  add(evidence: RouteEvidence, now: number): void;
  /** How many pieces of evidence came so far. */
  heard(): number;
  /**
   * Who took a default away since it stood, the last of it if it stood by several metrics. Null when nothing says so,
   * or when it was put back after.
   */
  removerOf(route: DefaultRoute, stood: LastStood): Requester | null;
  /** Who put it there last with this very metric, or null. */
  adderOf(route: DefaultRoute): Requester | null;
  /** Everybody who put it there since so much was heard, by whatever metric. */
  addersSince(route: DefaultRoute, heard: number): readonly Requester[];
  /** What was kept for longer than this is forgotten. */
  forgetBefore(time: number): void;
}

interface Heard {
  readonly evidence: RouteEvidence;
  readonly at: number;
  readonly place: number;
}

/** A host whose defaults change faster than this has no use for old evidence. */
const mostKept = 512;

/** A message can come while a read is on its way that does not show yet what the message says. */
const readTimeMs = 500;

export function createEvidenceLog(): EvidenceLog {
  let kept: readonly Heard[] = [];
  let count = 0;
  return {
    add(evidence, now) {
      kept = [...kept.slice(1 - mostKept), { evidence, at: now, place: count }];
      count += 1;
    },
    heard: () => count,
    removerOf(route, { at: stoodAt, heard, metrics }) {
      const since = kept.filter(({ place }) => place >= heard);
      const after = replay(since, route, metrics);
      if (after.isAbout) return after.remover;
      // Before the look only what it showed counts: the rest may have gone without a word.
      const before = kept.filter(
        ({ at, place, evidence }) =>
          place < heard && at >= stoodAt - readTimeMs && metrics.includes(evidence.route.metric),
      );
      return replay(before, route, metrics).remover;
    },
    adderOf(route) {
      const added = kept.findLast(
        ({ evidence }) => puts(evidence, route) && evidence.route.metric === route.metric,
      );
      return added?.evidence.requester ?? null;
    },
    addersSince: (route, heard) =>
      kept
        .filter(({ place, evidence }) => place >= heard && puts(evidence, route))
        .map(({ evidence }) => evidence.requester),
    forgetBefore(time) {
      kept = kept.filter(({ at }) => at >= time);
    },
  };
}

function replay(
  messages: readonly Heard[],
  route: DefaultRoute,
  metrics: readonly number[],
): { readonly remover: Requester | null; readonly isAbout: boolean } {
  const standing = new Set(metrics);
  let remover: Requester | null = null;
  let isAbout = false;
  for (const { evidence } of messages) {
    const { metric } = evidence.route;
    if (puts(evidence, route)) {
      standing.add(metric);
      remover = null;
      isAbout = true;
    } else if (takesAway(evidence, route) && standing.delete(metric)) {
      if (standing.size === 0) remover = evidence.requester;
      isAbout = true;
    }
  }
  return { remover, isAbout };
}

function puts({ action, route: named }: RouteEvidence, route: DefaultRoute): boolean {
  return action !== "removed" && isSameDefault(named, route);
}

function takesAway({ action, route: named }: RouteEvidence, route: DefaultRoute): boolean {
  if (action === "removed") return isSameDefault(named, route);
  return action === "replaced" && isSameKey(named, { ...route, metric: named.metric });
}
