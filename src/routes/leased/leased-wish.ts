import type { NetworkInterface } from "../../network/interface.ts";
import type { DefaultRoute } from "../../network/route.ts";
import { type DebtContext, standingIn } from "../debt-context.ts";
import { replacementsOf } from "../debt-routes.ts";
import {
  describeDefault,
  isExpired,
  isLive,
  isSameDefault,
  isWholeDefault,
  mainTable,
} from "../default-comparison.ts";
import type { DisplacingWish } from "../displacement.ts";
import type { OpenDebt } from "../journal/journal-state.ts";
import { takenPlaces } from "../owed-default.ts";
import { debtNames, type LeasedDefault } from "./leased-default.ts";
import { winningMetrics } from "./metric-floor.ts";
import type { OwnRoutesWish } from "./own-routes.ts";

/** What a lease's default comes to now. */
export interface LeasedWish {
  /** Null while it has no way, and where it cannot be made. */
  readonly main: OwnRoutesWish | DisplacingWish | null;
  /** What refuses packets when the interface is gone. */
  readonly block: OwnRoutesWish | null;
  readonly gateway: string | null;
  /** Why it cannot be made, or does not do what it shall. */
  readonly trouble: { readonly state: "refused" | "outranked"; readonly reason: string } | null;
}

/** The halves of everything: longer than a default, so that they win whatever its metric. */
const halves = { ipv4: ["0.0.0.0/1", "128.0.0.0/1"], ipv6: ["::/1", "8000::/1"] } as const;
const whole = { ipv4: "0.0.0.0/0", ipv6: "::/0" } as const;

/**
 * The routes that fulfil a lease's wish over the interface as it is now; with none, only what refuses packets. A
 * metric that was chosen stays while its debt is open; when somebody undercuts it, it is chosen once more. Pure.
 */
export function wishOfLease(
  leased: LeasedDefault,
  link: NetworkInterface | null,
  context: DebtContext,
): LeasedWish {
  const { family, mode } = leased;
  const names = debtNames(leased);
  const blocks = leased.onLost === "block" && context.traits.metrics;
  const nothing: LeasedWish = { main: null, block: null, gateway: null, trouble: null };
  const refuse = (reason: string): LeasedWish => ({
    ...nothing,
    trouble: { state: "refused", reason },
  });
  if (mode === "metric" && !context.traits.metrics)
    return refuse("no-metrics: here only one default can stand; ask for a split");

  const metrics = metricsOf(leased, names, context);
  if (metrics === null)
    return refuse("no-metric-left: the default that stands has the lowest metric; ask for a split");
  const prefixes = mode === "split" ? halves[family] : [whole[family]];
  const routesOf = (over: Partial<DefaultRoute>): readonly DefaultRoute[] =>
    prefixes.map((prefix) => ({ ...emptyRoute, ...over, family, prefix, protocol: context.tag }));

  const reason = `asked for by ${describeOwner(leased)}`;
  const refusing = { type: "unreachable", metric: metrics.block } as const;
  const block: OwnRoutesWish | null =
    leased.onLost === "block" && (blocks || link === null)
      ? {
          id: metrics.blockName,
          routes: routesOf(refusing),
          behindOurs: true,
          by: leased.by,
          reason: `when ${leased.interfaceName} is gone, ${reason}`,
        }
      : null;
  if (link === null) return { ...nothing, block };

  const gateway = gatewayOver(leased, link, context);
  if (gateway.kind === "unknown") return { ...refuse(gateway.reason), block };
  const routes = routesOf({
    interfaceIndex: link.index,
    gateway: gateway.gateway,
    metric: metrics.main,
  });
  const base = { ...nothing, block, gateway: gateway.gateway };
  const debt = findDebt(metrics.mainName, context);
  if (mode === "split" && debt === null) {
    const foreign = standingIn(context, family, mainTable).find(
      ({ route }) =>
        route.protocol !== context.tag && prefixes.some((prefix) => prefix === route.prefix),
    );
    if (foreign !== undefined)
      return refuse(`conflict: ${describeDefault(foreign.route, context.interfaces)} stands there`);
  }
  const main = mainOf(leased, metrics.mainName, routes, reason, context);
  const { beatenBy } = metrics;
  if (main === null || beatenBy === null) return { ...base, main };
  const why = `${describeDefault(beatenBy, context.interfaces)} has a lower metric`;
  return { ...base, main, trouble: { state: "outranked", reason: why } };
}

/**
 * A debt speaks of its routes once and for all. Where they stood over what the interface was before, they go first,
 * with their debt; but not one that has taken others away: then the new ones get a debt of their own.
 */
function mainOf(
  leased: LeasedDefault,
  name: string,
  routes: readonly DefaultRoute[],
  reason: string,
  context: DebtContext,
): LeasedWish["main"] {
  const fits = (id: string): boolean => {
    const debt = findDebt(id, context);
    if (debt === null) return true;
    const known = replacementsOf(debt);
    return routes.every((route) => known.some((one) => isSameDefault(one, route)));
  };
  const { by, mode } = leased;
  const own = (id: string): OwnRoutesWish => ({ id, routes, behindOurs: false, by, reason });
  if (mode !== "displace") return fits(name) ? own(name) : null;
  const [route] = routes;
  if (route !== undefined && fits(name)) return { id: name, route, displace: true, by };
  const { again } = debtNames(leased);
  return fits(again) ? own(again) : null;
}

/** `openvpn (pid 4242)`. */
function describeOwner({ by: { command, pid } }: Pick<LeasedDefault, "by">): string {
  const name = command ?? "a lease";
  return pid === null ? name : `${name} (pid ${pid})`;
}

interface LeasedMetrics {
  readonly mainName: string;
  readonly main: number;
  readonly blockName: string;
  readonly block: number;
  readonly beatenBy: DefaultRoute | null;
}

function metricsOf(
  leased: LeasedDefault,
  names: ReturnType<typeof debtNames>,
  context: DebtContext,
): LeasedMetrics | null {
  const { family, mode, onLost } = leased;
  if (!context.traits.metrics)
    return { mainName: names.main, main: 0, blockName: names.block, block: 0, beatenBy: null };
  // A half is beaten by nothing but another half, and where there was one it is refused.
  const least = family === "ipv4" ? 0 : 1;
  if (mode === "split")
    return {
      mainName: names.main,
      main: least,
      blockName: names.block,
      block: least + 1,
      beatenBy: null,
    };

  const own = new Set<string>([names.main, names.again, names.block, names.blockAgain]);
  const others = othersOf(leased, own, context);
  const metrics = others.map(({ metric }) => metric);
  if (mode === "displace") {
    const recorded = recordedMetric(names.main, context);
    const highest = Math.max(least, ...metrics);
    const lowest = metrics.length === 0 ? 50 : Math.max(least, Math.min(...metrics));
    const main = recorded ?? (onLost === "block" ? highest : lowest);
    const block = recordedMetric(names.block, context) ?? main + 1;
    const base = { mainName: names.main, blockName: names.block, main, block };
    return { ...base, beatenBy: beats(main, leased, context) };
  }
  const chosen = winningMetrics(family, metrics, onLost === "block");
  const placed = (
    first: string,
    second: string,
    wanted: number | undefined,
  ): { readonly name: string; readonly metric: number | undefined; readonly last: boolean } => {
    const again = recordedMetric(second, context);
    if (again !== null) return { name: second, metric: again, last: true };
    const before = recordedMetric(first, context);
    if (before === null) return { name: first, metric: wanted, last: false };
    if (beats(before, leased, context) === null || wanted === undefined)
      return { name: first, metric: before, last: wanted === undefined };
    return { name: second, metric: wanted, last: false };
  };
  const main = placed(names.main, names.again, chosen?.main);
  const block = placed(names.block, names.blockAgain, chosen?.block);
  if (main.metric === undefined || block.metric === undefined) return null;
  return {
    mainName: main.name,
    main: onLost === "block" ? Math.min(main.metric, block.metric) : main.metric,
    blockName: block.name,
    block: block.metric,
    beatenBy: main.last ? beats(main.metric, leased, context) : null,
  };
}

/** All of others that stands, or that is owed and may come back. */
function othersOf(
  { family }: LeasedDefault,
  own: ReadonlySet<string>,
  context: DebtContext,
): readonly DefaultRoute[] {
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

function recordedMetric(name: string, context: DebtContext): number | null {
  const debt = findDebt(name, context);
  return debt === null ? null : (replacementsOf(debt)[0]?.metric ?? null);
}

function findDebt(name: string, { journal }: DebtContext): OpenDebt | null {
  return journal.openDebts.find(({ displaced }) => displaced.debt === name) ?? null;
}

type GatewayOver =
  | { readonly kind: "known"; readonly gateway: string | null }
  | { readonly kind: "unknown"; readonly reason: string };

function gatewayOver(
  { gateway, family }: LeasedDefault,
  link: NetworkInterface,
  { gatewayToday }: DebtContext,
): GatewayOver {
  if (gateway !== null) return { kind: "known", gateway };
  const hasPeer = link.addresses.some((one) => one.family === family && one.peer !== null);
  if (link.kind === "tunnel" || hasPeer) return { kind: "known", gateway: null };
  const today = gatewayToday(link, family);
  if (today !== null) return { kind: "known", gateway: today };
  return {
    kind: "unknown",
    reason: `no-gateway-known: nothing says how ${link.name} reaches the internet; name its gateway`,
  };
}

const emptyRoute: DefaultRoute = {
  family: "ipv4",
  prefix: "",
  type: "unicast",
  gateway: null,
  interfaceIndex: null,
  metric: 0,
  tos: 0,
  table: mainTable,
  position: 0,
  protocol: "",
  source: null,
  onlink: false,
  mtu: null,
  pref: null,
  expiresAt: null,
  linkdown: false,
  nexthopId: null,
  nexthops: [],
};
