import type { NetworkInterface } from "../network/interface.ts";
import { type DefaultRoute, interfacesOfRoute } from "../network/route.ts";
import type { FamilyDefaults } from "../network/state.ts";
import type {
  CandidateDefault,
  DefaultsView,
  DefaultVia,
  EffectiveDefault,
  LossReason,
} from "./host-state.ts";

// The tables that every unbound look-up walks without a rule of someone's (rt_tables(5): unspec, default,
// main, local). An answer from any other was chosen by a rule.
const walkedTables: ReadonlySet<number> = new Set([0, 253, 254, 255]);

const deadReasons: ReadonlySet<LossReason> = new Set([
  "expired",
  "error-type",
  "interface-down",
  "linkdown",
]);

const prefRank = { low: 0, medium: 1, high: 2 } as const;

/**
 * What carries unbound packets of one family, by the kernel's own answers, and what could but does not.
 * `now` is in ms since the epoch; a route whose lifetime has ended by then is expired.
 */
export function viewDefaults(
  defaults: FamilyDefaults,
  interfaces: ReadonlyMap<number, NetworkInterface>,
  now: number,
): DefaultsView {
  const carriers = distinctCarriers(defaults);
  const effective = effectiveOf(carriers, defaults);
  const unlisted = carriers.filter((carrier) => !defaults.routes.includes(carrier));
  const judged = [...unlisted, ...defaults.routes].map((route): CandidateDefault => {
    if (carriers.includes(route)) return { route, lostBecause: null };
    return { route, lostBecause: whyLost(route, effective, interfaces, now) };
  });
  return { effective, candidates: judged.sort(bestFirst(carriers)) };
}

/** How a route would come to carry packets, judged by itself alone. */
export function viaOfRoute(route: DefaultRoute): DefaultVia {
  if (prefixLengthOf(route) > 0) return "split";
  return walkedTables.has(route.table) ? "default" : "rule";
}

/** When the next lifetime of a default ends after `now`, in ms since the epoch, or null. */
export function nextExpiry(defaults: FamilyDefaults, now: number): number | null {
  const ends = defaults.routes
    .map((route) => route.expiresAt)
    .filter((end): end is number => end !== null && end > now);
  return ends.length === 0 ? null : Math.min(...ends);
}

function effectiveOf(
  carriers: readonly DefaultRoute[],
  defaults: FamilyDefaults,
): EffectiveDefault | null {
  const route = carriers[0];
  if (route === undefined) return null;
  const halves = defaults.answers.map(carrying);
  const split = carriers.length > 1 || halves.includes(null);
  return { route, via: split ? "split" : viaOfRoute(route) };
}

/** The answers that carry packets, each once, as the routes that the tables list where they do. */
function distinctCarriers({ answers, routes }: FamilyDefaults): readonly DefaultRoute[] {
  const carriers: DefaultRoute[] = [];
  for (const answer of answers.map(carrying)) {
    if (answer === null) continue;
    const listed = routes.find((route) => isSameRoute(route, answer)) ?? answer;
    if (!carriers.some((known) => known === listed || isSameRoute(known, answer)))
      carriers.push(listed);
  }
  return carriers;
}

function carrying(answer: DefaultRoute | null): DefaultRoute | null {
  return answer !== null && isErrorType(answer) ? null : answer;
}

function isErrorType({ type }: DefaultRoute): boolean {
  return type === "blackhole" || type === "unreachable" || type === "prohibit" || type === "throw";
}

// An answer has no position, and flags such as linkdown may differ between a dump and a look-up.
function isSameRoute(a: DefaultRoute, b: DefaultRoute): boolean {
  return (
    a.prefix === b.prefix &&
    a.table === b.table &&
    a.tos === b.tos &&
    a.metric === b.metric &&
    a.type === b.type &&
    a.gateway === b.gateway &&
    a.interfaceIndex === b.interfaceIndex &&
    a.nexthops.length === b.nexthops.length &&
    a.nexthops.every((leg, at) => {
      const other = b.nexthops[at];
      return leg.gateway === other?.gateway && leg.interfaceIndex === other.interfaceIndex;
    })
  );
}

function whyLost(
  route: DefaultRoute,
  effective: EffectiveDefault | null,
  interfaces: ReadonlyMap<number, NetworkInterface>,
  now: number,
): LossReason {
  if (route.expiresAt !== null && route.expiresAt <= now) return "expired";
  if (isErrorType(route)) return "error-type";
  const legs = interfacesOfRoute(route).map((index) => interfaces.get(index));
  if (legs.length > 0 && legs.every((leg) => leg?.up !== true)) return "interface-down";
  if (route.linkdown || (legs.length > 0 && legs.every((leg) => leg?.carrier !== true)))
    return "linkdown";
  return effective === null ? "not-chosen" : whyBeaten(route, effective.route);
}

function whyBeaten(route: DefaultRoute, winner: DefaultRoute): LossReason {
  if (route.table !== winner.table) return "rule";
  if (route.tos !== winner.tos) return "not-chosen";
  if (prefixLengthOf(route) < prefixLengthOf(winner)) return "split";
  if (route.prefix !== winner.prefix) return "not-chosen";
  if (route.metric > winner.metric) return "higher-metric";
  if (route.metric < winner.metric) return "not-chosen";
  if (rankOf(route) < rankOf(winner)) return "lower-pref";
  return route.position > winner.position ? "later-position" : "not-chosen";
}

function bestFirst(
  carriers: readonly DefaultRoute[],
): (a: CandidateDefault, b: CandidateDefault) => number {
  const table = carriers[0]?.table;
  const place = ({ route, lostBecause }: CandidateDefault): number => {
    if (lostBecause === null) return carriers.indexOf(route);
    if (deadReasons.has(lostBecause)) return carriers.length + 2;
    return carriers.length + (route.table === table ? 0 : 1);
  };
  return (a, b) =>
    place(a) - place(b) ||
    a.route.metric - b.route.metric ||
    rankOf(b.route) - rankOf(a.route) ||
    a.route.position - b.route.position;
}

function rankOf(route: DefaultRoute): number {
  return prefRank[route.pref ?? "medium"];
}

function prefixLengthOf(route: DefaultRoute): number {
  return Number(route.prefix.slice(route.prefix.indexOf("/") + 1));
}
