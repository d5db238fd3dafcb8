import { type DefaultRoute, interfacesOfRoute } from "../network/route.ts";
import type { RecordedDefault, RouteTraits } from "../platform/route-control.ts";
import { hasAddress, isOnLink } from "./connected-prefix.ts";
import { type DebtContext, type DebtPlan, standingIn } from "./debt-context.ts";
import {
  describeDefault,
  hasSameKey,
  isIdenticalDefault,
  isSameDefault,
} from "./default-comparison.ts";
import { identityOf } from "./journal/interface-identity.ts";
import type { OpenDebt } from "./journal/journal-state.ts";
import type { JournalFact } from "./journal/record.ts";
import { takenPlaces } from "./owed-default.ts";
import { viewDebt } from "./settle.ts";
import type { DebtStep } from "./step.ts";

type DisplacedFact = Extract<JournalFact, { readonly kind: "displaced" }>;

/** The wish that a default of ours stands, in the place of others if need be. It is kept as long as it is given. */
export interface DisplacingWish {
  /** Names the wish and the debt that it makes. */
  readonly id: string;
  /** With our tag as its protocol. */
  readonly route: DefaultRoute;
  /** Whether defaults of others may be taken away for it. */
  readonly displace: boolean;
  readonly by: DisplacedFact["by"];
}

/** What to do about an existing default that a wanted one collides with. */
export type Collision = "nothing" | "adopt" | "replace" | "conflict" | "displace";

/** Decides by whose the existing one is and how it differs, never by deleting first. */
export function judgeExisting(
  existing: DefaultRoute,
  wanted: DefaultRoute,
  isOurs: boolean,
  mayDisplace: boolean,
): Collision {
  const identical = isIdenticalDefault({ ...existing, protocol: wanted.protocol }, wanted);
  if (isOurs) return identical ? "nothing" : "replace";
  if (identical) return "adopt";
  return mayDisplace ? "displace" : "conflict";
}

/** What a displacing wish needs now. */
export interface DisplacementPlan extends DebtPlan {
  /**
   * `adopted`: somebody else's stands already, exactly as wished; it will never be deleted. `refused`: the system
   * did not take it after others had to go for it; they are put back, and it is not tried again until it is asked
   * for again.
   */
  readonly state: "stands" | "adopted" | "conflict" | "in-work" | "refused";
  readonly reason: string | null;
}

/** The steps that fulfil a displacing wish; its debt, when there is one, is not settled meanwhile. Pure. */
export function planDisplacement(
  given: DisplacingWish,
  debt: OpenDebt | null,
  context: DebtContext,
): DisplacementPlan {
  const wish = { ...given, route: withKernelsMetric(given.route, context.traits) };
  const { family, table } = wish.route;
  const standing = standingIn(context, family, table);
  const done = (
    state: DisplacementPlan["state"],
    reason: string | null,
    steps: readonly DebtStep[] = [],
  ): DisplacementPlan => ({
    steps,
    view: debt === null ? null : viewDebt(debt, "displaced"),
    nextAtUptimeMs: null,
    state,
    reason,
  });

  const taken = debt === null ? [] : takenOf(debt.displaced);
  const rival = rivalOf(wish, debt === null ? null : taken, standing, context);
  if (rival !== null) return done(rival.state, rival.reason);
  const obstacle = obstacleOf(wish.route, context);
  if (obstacle !== null) return done("in-work", obstacle);

  const fact = debt === null ? recordOf(wish, standing, context) : null;
  const opening: readonly DebtStep[] =
    fact === null
      ? []
      : [
          {
            kind: "open-debt",
            fact,
            reason: `${describeDefault(wish.route, context.interfaces)}: ${askedForBy(wish)}`,
          },
        ];
  const moves = movesOf(wish, fact === null ? taken : takenOf(fact), standing, context);
  const steps = [...opening, ...moves];
  return done(steps.length === 0 ? "stands" : "in-work", null, steps);
}

/** Why it cannot be added now; above all where others have to go before it, nothing is begun then. */
function obstacleOf(route: DefaultRoute, { interfaces, traits }: DebtContext): string | null {
  const { family, gateway, interfaceIndex, onlink } = route;
  const links = interfacesOfRoute(route).map((index) => interfaces.get(index));
  if (links.some((link) => link?.up !== true)) return "interface-down: its interface is not up";
  const link = interfaceIndex === null ? undefined : interfaces.get(interfaceIndex);
  if (link === undefined || traits.ordered.includes(family)) return null;
  if (!hasAddress(link, family)) return `no-address: ${link.name} has none of ${family}`;
  if (gateway === null || onlink || isOnLink(gateway, link, family)) return null;
  return `gateway-off-link: ${link.name} does not reach ${gateway}`;
}

/** What stands in the way of the wish and stays. */
function rivalOf(
  wish: DisplacingWish,
  /** What a debt that is open already takes away; null before there is one. */
  taken: readonly DefaultRoute[] | null,
  standing: readonly RecordedDefault[],
  { interfaces, tag, traits }: DebtContext,
): { readonly state: "adopted" | "conflict"; readonly reason: string } | null {
  const isOrdered = traits.ordered.includes(wish.route.family);
  for (const { route } of standing) {
    if (!hasSameKey(route, wish.route)) continue;
    const isOurs = route.protocol === tag;
    const verdict = judgeExisting(route, wish.route, isOurs, wish.displace);
    const what = describeDefault(route, interfaces);
    const conflict = { state: "conflict", reason: `${what} stands there` } as const;
    if (taken === null && verdict === "adopt")
      return { state: "adopted", reason: `${what} stands already` };
    if (taken === null && verdict === "conflict") return conflict;
    if (isOrdered || (isOurs && isSameDefault(route, wish.route))) continue;
    // Only one of a key can stand: what another wish has put there, or what came when the base was recorded already.
    if (isOurs || (taken !== null && !taken.some((one) => isSameDefault(one, route))))
      return conflict;
  }
  return null;
}

/**
 * The whole base is recorded, and which of it gives way: what would win against the wished one, or equals its key.
 * What other debts owe belongs to the base: once it is back it must not be taken for somebody else's choice.
 */
function recordOf(
  wish: DisplacingWish,
  standing: readonly RecordedDefault[],
  { interfaces, tag, journal }: DebtContext,
): DisplacedFact {
  const { family, table } = wish.route;
  const present = standing.filter(({ route }) => route.protocol !== tag);
  const owed = journal.openDebts
    .filter(({ displaced }) => displaced.family === family && displaced.table === table)
    .flatMap(({ displaced }) =>
      takenPlaces(displaced).flatMap((at) => displaced.defaults[at] ?? []),
    )
    .filter(({ route }) => !present.some((one) => isSameDefault(one.route, route)));
  const taken = present.flatMap(({ route }, at) => {
    const yields = route.prefix === wish.route.prefix && route.tos === wish.route.tos;
    return wish.displace && yields && route.metric <= wish.route.metric ? [at] : [];
  });
  const base: readonly RecordedDefault[] = [
    ...present,
    ...owed.map(({ raw, route }) => ({ raw: Buffer.from(raw, "base64"), route })),
  ];
  const indexes = [...new Set(base.flatMap(({ route }) => interfacesOfRoute(route)))];
  return {
    kind: "displaced",
    debt: wish.id,
    family: wish.route.family,
    table: wish.route.table,
    defaults: base.map(({ route, raw }) => ({
      raw: Buffer.from(raw).toString("base64"),
      route: { ...route, nexthops: [...route.nexthops] },
    })),
    interfaces: indexes.flatMap((index) => {
      const link = interfaces.get(index);
      return link === undefined ? [] : [{ ...identityOf(link) }];
    }),
    by: wish.by,
    taken,
    replacement: { ...wish.route, nexthops: [...wish.route.nexthops] },
  };
}

function takenOf(fact: Pick<DisplacedFact, "taken" | "defaults">): readonly DefaultRoute[] {
  return takenPlaces(fact).flatMap((place) => fact.defaults[place]?.route ?? []);
}

/** Ours is there before the others go, unless their key is ours and the family cannot hold two of it. */
function movesOf(
  wish: DisplacingWish,
  taken: readonly DefaultRoute[],
  standing: readonly RecordedDefault[],
  { interfaces, tag, traits }: DebtContext,
): readonly DebtStep[] {
  const debt = wish.id;
  const isOrdered = traits.ordered.includes(wish.route.family);
  const stands = standing.some(
    ({ route }) => route.protocol === tag && isSameDefault(route, wish.route),
  );
  const peers = standing.filter(({ route }) => hasSameKey(route, wish.route));
  const going = standing.filter(({ route }) => taken.some((one) => isSameDefault(one, route)));
  const removals = going.toReversed().map((record): DebtStep => {
    const reason = `${describeDefault(record.route, interfaces)}: gives way, as ${askedForBy(wish)}`;
    return { kind: "remove-default", debt, record, reason };
  });
  if (stands) return removals;
  const add: DebtStep = {
    kind: "add-default",
    debt,
    record: { route: wish.route, raw: new Uint8Array() },
    placement: peers.length > 0 && isOrdered ? "prepend" : "exclusive",
    deviation: null,
    reason: `${describeDefault(wish.route, interfaces)}: ${askedForBy(wish)}`,
  };
  return peers.length > 0 && !isOrdered ? [...removals, add] : [add, ...removals];
}

function askedForBy({ by: { command, pid } }: DisplacingWish): string {
  return `asked for by ${command ?? "an unknown program"}${pid === null ? "" : ` (pid ${pid})`}`;
}

// Linux reads an IPv6 metric of 0 as IP6_RT_PRIO_USER, linux/ipv6_route.h.
function withKernelsMetric(route: DefaultRoute, { metrics }: RouteTraits): DefaultRoute {
  if (!metrics) return { ...route, metric: 0 };
  return route.family === "ipv6" && route.metric === 0 ? { ...route, metric: 1024 } : route;
}
