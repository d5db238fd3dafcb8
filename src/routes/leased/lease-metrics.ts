import type { DefaultRoute } from "../../network/route.ts";
import { type DebtContext, standingIn } from "../debt-context.ts";
import { isOfDebt, replacementsOf } from "../debt-routes.ts";
import { isExpired, isLive, isWholeDefault, mainTable } from "../default-comparison.ts";
import type { OpenDebt } from "../journal/journal-state.ts";
import { takenPlaces } from "../owed-default.ts";
import { debtNames, type LeasedDefault } from "./leased-default.ts";
import { lowestMetricOf, winningMetrics } from "./metric-floor.ts";

/** The metrics of a lease's routes, and the debts that speak of them. */
export interface LeaseMetrics {
  readonly mainName: string;
  readonly main: number;
  readonly blockName: string;
  readonly block: number;
  /** Somebody else's default that goes before it all the same. */
  readonly beatenBy: DefaultRoute | null;
}

/** Halves keep close to the lowest metric: so many above it are looked at for one that is free. */
const mostSplitMetrics = 64;

/**
 * A metric that was chosen stays while its debt is open; when somebody undercuts it, it is chosen once more. Null where
 * none is left. Others of ours that stand are left their metrics where both cannot have one: they go when this one is
 * there. Pure.
 *
 * @param prefixes those of the lease's routes
 */
export function metricsOfLease(
  leased: LeasedDefault,
  prefixes: readonly string[],
  context: DebtContext,
): LeaseMetrics | null {
  const { family, mode, onLost } = leased;
  const names = debtNames(leased);
  const base = { mainName: names.main, blockName: names.block };
  if (!context.traits.metrics) return { ...base, main: 0, block: 0, beatenBy: null };
  const least = lowestMetricOf[family];
  const blocks = onLost === "block";
  const taken = takenMetrics(leased, prefixes, context);
  const isFree = (main: number): boolean =>
    !taken.main.has(main) && !(blocks && taken.block.has(main + 1));
  const upTo = (highest: number): number => {
    for (let main = highest; main >= least; main -= 1) if (isFree(main)) return main;
    return highest;
  };
  if (mode === "split") {
    // A half is beaten by nothing but another half, and where there was one it is refused.
    const metrics = Array.from({ length: mostSplitMetrics }, (_, above) => least + above);
    const main = recordedMetric(names.main, context) ?? metrics.find(isFree) ?? least;
    const block = recordedMetric(names.block, context) ?? main + 1;
    return { ...base, main, block, beatenBy: null };
  }
  const metrics = othersOf(leased, context).map(({ metric }) => metric);
  if (mode === "displace") {
    const highest = Math.max(least, ...metrics);
    const lowest = metrics.length === 0 ? 50 : Math.max(least, Math.min(...metrics));
    const main = recordedMetric(names.main, context) ?? upTo(blocks ? highest : lowest);
    const block = recordedMetric(names.block, context) ?? main + 1;
    return { ...base, main, block, beatenBy: beats(main, leased, context) };
  }
  // One that stands just before the others leaves no room for what shall refuse packets between.
  const cramped =
    blocks && !context.traits.ordered.includes(family) && !isBlockRecorded(leased, context)
      ? crampedMetric(names.main, metrics, context)
      : null;
  if (cramped !== null) taken.block.add(cramped);
  const winning = winningMetrics(family, metrics, blocks);
  const wanted = winning === null ? null : upTo(winning.main);
  const chosen =
    winning === null || wanted === null
      ? null
      : { main: wanted, block: winning.block + wanted - winning.main };
  const placed = (
    first: string,
    second: string,
    metric: number | undefined,
  ): { readonly name: string; readonly metric: number | undefined; readonly last: boolean } => {
    const again = recordedMetric(second, context);
    if (again !== null) return { name: second, metric: again, last: true };
    const before = recordedMetric(first, context);
    if (before === null) return { name: first, metric, last: false };
    const stays = beats(before, leased, context) === null && before !== cramped;
    if (stays || metric === undefined)
      return { name: first, metric: before, last: metric === undefined };
    return { name: second, metric, last: false };
  };
  const main = placed(names.main, names.again, chosen?.main);
  const block = placed(names.block, names.blockAgain, chosen?.block);
  if (main.metric === undefined || block.metric === undefined) return null;
  return {
    mainName: main.name,
    main: blocks ? Math.min(main.metric, block.metric) : main.metric,
    blockName: block.name,
    block: block.metric,
    beatenBy: main.last ? beats(main.metric, leased, context) : null,
  };
}

/** The open debt of a name, or null. */
export function findDebt(name: string, { journal }: DebtContext): OpenDebt | null {
  return journal.openDebts.find(({ displaced }) => displaced.debt === name) ?? null;
}

/**
 * Metrics at which another of ours stands and leaves no room: for any other in a family that holds one route of a key,
 * and everywhere for one that refuses packets, which nothing else tells from another.
 */
function takenMetrics(
  leased: LeasedDefault,
  prefixes: readonly string[],
  context: DebtContext,
): { readonly main: ReadonlySet<number>; readonly block: Set<number> } {
  const { family } = leased;
  const own = Object.values(debtNames(leased)).flatMap((name) => findDebt(name, context) ?? []);
  const others = standingIn(context, family, mainTable)
    .map(({ route }) => route)
    .filter(({ protocol, prefix }) => protocol === context.tag && prefixes.includes(prefix))
    .filter((route) => !own.some((debt) => isOfDebt(route, debt)));
  const isOrdered = context.traits.ordered.includes(family);
  const inTheWay = isOrdered ? others.filter(({ type }) => type !== "unicast") : others;
  const metrics = inTheWay.map(({ metric }) => metric);
  return { main: new Set(isOrdered ? [] : metrics), block: new Set(metrics) };
}

/** All of others that stands, or that is owed and may come back. */
function othersOf(leased: LeasedDefault, context: DebtContext): readonly DefaultRoute[] {
  const { family } = leased;
  const own = new Set<string>(Object.values(debtNames(leased)));
  const standing = standingIn(context, family, mainTable).map(({ route }) => route);
  const owed = context.journal.openDebts.flatMap(({ displaced }) =>
    displaced.family !== family || displaced.table !== mainTable || own.has(displaced.debt)
      ? []
      : takenPlaces(displaced).flatMap((place) => displaced.defaults[place]?.route ?? []),
  );
  return [...standing, ...owed].filter(
    (route) =>
      route.protocol !== context.tag &&
      isWholeDefault(route) &&
      route.tos === 0 &&
      !isExpired(route, context.now),
  );
}

/** Somebody else's default that carries packets before one of this metric; null when there is none. */
function beats(
  metric: number,
  { family }: LeasedDefault,
  context: DebtContext,
): DefaultRoute | null {
  const { interfaces, now, tag } = context;
  const standing = standingIn(context, family, mainTable).map(({ route }) => route);
  const ours = standing.find(
    (route) => route.protocol === tag && isWholeDefault(route) && route.metric === metric,
  );
  return (
    standing.find(
      (route) =>
        route.protocol !== tag &&
        isWholeDefault(route) &&
        route.tos === 0 &&
        isLive(route, interfaces, now) &&
        (route.metric < metric ||
          (ours !== undefined && route.metric === metric && route.position < ours.position)),
    ) ?? null
  );
}

function isBlockRecorded(leased: LeasedDefault, context: DebtContext): boolean {
  const { block, blockAgain } = debtNames(leased);
  return [block, blockAgain].some((name) => findDebt(name, context) !== null);
}

/** The metric of a debt's route, when that of somebody else's follows at once; else null. */
function crampedMetric(
  name: string,
  others: readonly number[],
  context: DebtContext,
): number | null {
  const metric = recordedMetric(name, context);
  return metric !== null && others.includes(metric + 1) ? metric : null;
}

function recordedMetric(name: string, context: DebtContext): number | null {
  const debt = findDebt(name, context);
  return debt === null ? null : (replacementsOf(debt)[0]?.metric ?? null);
}
