import type { IpFamily } from "../network/address.ts";
import { type DefaultRoute, interfacesOfRoute } from "../network/route.ts";
import type { RecordedDefault } from "../platform/route-control.ts";
import { type DebtContext, type DebtPlan, standingIn } from "./debt-context.ts";
import {
  describeDefault,
  hasSameKey,
  isIdenticalDefault,
  isSameDefault,
  isWholeDefault,
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
  /** `adopted`: somebody else's stands already, exactly as wished; it will never be deleted. */
  readonly state: "stands" | "adopted" | "conflict" | "in-work";
  readonly reason: string | null;
}

/** The steps that fulfil a displacing wish; its debt, when there is one, is not settled meanwhile. Pure. */
export function planDisplacement(
  given: DisplacingWish,
  debt: OpenDebt | null,
  context: DebtContext,
): DisplacementPlan {
  const wish = { ...given, route: withKernelsMetric(given.route) };
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

  if (debt === null) {
    const rival = rivalOf(wish, standing, context);
    if (rival !== null) return done(rival.state, rival.reason);
  }
  const down = interfacesOfRoute(wish.route).find(
    (index) => context.interfaces.get(index)?.up !== true,
  );
  if (down !== undefined) return done("in-work", `interface-down: its interface is not up`);

  const fact = debt === null ? recordOf(wish, standing, context) : null;
  const taken = fact === null ? takenOf(debt) : takenOfFact(fact);
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
  const moves = movesOf(wish, taken, standing, family, context);
  const steps = [...opening, ...moves];
  return done(steps.length === 0 ? "stands" : "in-work", null, steps);
}

function rivalOf(
  wish: DisplacingWish,
  standing: readonly RecordedDefault[],
  { interfaces, tag }: DebtContext,
): { readonly state: "adopted" | "conflict"; readonly reason: string } | null {
  for (const { route } of standing) {
    if (!hasSameKey(route, wish.route)) continue;
    const verdict = judgeExisting(route, wish.route, route.protocol === tag, wish.displace);
    const what = describeDefault(route, interfaces);
    if (verdict === "adopt") return { state: "adopted", reason: `${what} stands already` };
    if (verdict === "conflict") return { state: "conflict", reason: `${what} stands there` };
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
    const yields = isWholeDefault(route) && route.tos === wish.route.tos;
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

function takenOf(debt: OpenDebt | null): readonly DefaultRoute[] {
  return debt === null ? [] : takenOfFact(debt.displaced);
}

function takenOfFact(fact: DisplacedFact | OpenDebt["displaced"]): readonly DefaultRoute[] {
  const places = "bootId" in fact ? takenPlaces(fact as OpenDebt["displaced"]) : (fact.taken ?? []);
  return places.flatMap((place) => fact.defaults[place]?.route ?? []);
}

/** Ours is there before the others go, where the family can hold two of a key. */
function movesOf(
  wish: DisplacingWish,
  taken: readonly DefaultRoute[],
  standing: readonly RecordedDefault[],
  family: IpFamily,
  { interfaces, tag }: DebtContext,
): readonly DebtStep[] {
  const debt = wish.id;
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
    placement: peers.length > 0 && family === "ipv4" ? "prepend" : "exclusive",
    deviation: null,
    reason: `${describeDefault(wish.route, interfaces)}: ${askedForBy(wish)}`,
  };
  const mustGoFirst = family === "ipv6" && peers.length > 0;
  return mustGoFirst ? [...removals, add] : [add, ...removals];
}

function askedForBy({ by: { command, pid } }: DisplacingWish): string {
  return `asked for by ${command ?? "an unknown program"}${pid === null ? "" : ` (pid ${pid})`}`;
}

// Linux reads an IPv6 metric of 0 as IP6_RT_PRIO_USER, linux/ipv6_route.h.
function withKernelsMetric(route: DefaultRoute): DefaultRoute {
  return route.family === "ipv6" && route.metric === 0 ? { ...route, metric: 1024 } : route;
}
