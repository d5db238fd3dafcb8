import type { NetworkInterface } from "../../network/interface.ts";
import type { DefaultRoute } from "../../network/route.ts";
import { type DebtContext, standingIn } from "../debt-context.ts";
import { replacementsOf } from "../debt-routes.ts";
import { describeDefault, isSameDefault, mainTable } from "../default-comparison.ts";
import type { DisplacingWish } from "../displacement.ts";
import { findDebt, metricsOfLease } from "./lease-metrics.ts";
import { debtNames, type LeasedDefault } from "./leased-default.ts";
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
 * The routes that fulfil a lease's wish over the interface as it is now; with none, only what refuses packets. Pure.
 */
export function wishOfLease(
  leased: LeasedDefault,
  link: NetworkInterface | null,
  context: DebtContext,
): LeasedWish {
  const { family, mode } = leased;
  const blocks = leased.onLost === "block" && context.traits.metrics;
  const nothing: LeasedWish = { main: null, block: null, gateway: null, trouble: null };
  const refuse = (reason: string): LeasedWish => ({
    ...nothing,
    trouble: { state: "refused", reason },
  });
  if (mode === "metric" && !context.traits.metrics)
    return refuse("no-metrics: here only one default can stand; ask for a split");

  const prefixes = mode === "split" ? halves[family] : [whole[family]];
  const metrics = metricsOfLease(leased, prefixes, context);
  if (metrics === null)
    return refuse("no-metric-left: the default that stands has the lowest metric; ask for a split");
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
