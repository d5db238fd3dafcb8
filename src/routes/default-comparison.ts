import type { NetworkInterface } from "../network/interface.ts";
import { type DefaultRoute, interfacesOfRoute } from "../network/route.ts";

/** Linux's main table, rt_tables(5): where the defaults of unbound packets stand. */
export const mainTable = 254;

/** Same family, table, prefix, tos and metric: of such routes a second one is refused, or stands behind. */
export function hasSameKey(a: DefaultRoute, b: DefaultRoute): boolean {
  return (
    a.family === b.family &&
    a.table === b.table &&
    a.prefix === b.prefix &&
    a.tos === b.tos &&
    a.metric === b.metric
  );
}

/** Both go to the same neighbours over the same interfaces, whatever their metric and protocol. */
export function hasSameLegs(a: DefaultRoute, b: DefaultRoute): boolean {
  const legs = legsOf(a);
  const others = legsOf(b);
  return (
    a.type === b.type &&
    legs.length === others.length &&
    legs.every((leg, at) => leg === others[at])
  );
}

/** The very same route: key and legs. */
export function isSameDefault(a: DefaultRoute, b: DefaultRoute): boolean {
  return hasSameKey(a, b) && hasSameLegs(a, b);
}

/** Equal in every attribute that can be asked for; position, lifetime and momentary flags aside. */
export function isIdenticalDefault(a: DefaultRoute, b: DefaultRoute): boolean {
  return (
    isSameDefault(a, b) &&
    a.protocol === b.protocol &&
    a.source === b.source &&
    a.onlink === b.onlink &&
    a.mtu === b.mtu &&
    a.pref === b.pref &&
    a.nexthopId === b.nexthopId
  );
}

/** The route is over by its own lifetime. `now` in ms since the epoch. */
export function isExpired(route: DefaultRoute, now: number): boolean {
  return route.expiresAt !== null && route.expiresAt <= now;
}

/** The route carries packets: it delivers, has not expired, and one of its links is up with a carrier. */
export function isLive(
  route: DefaultRoute,
  interfaces: ReadonlyMap<number, NetworkInterface>,
  now: number,
): boolean {
  if (route.type !== "unicast" || route.linkdown || isExpired(route, now)) return false;
  return interfacesOfRoute(route).some((index) => {
    const link = interfaces.get(index);
    return link?.up === true && link.carrier;
  });
}

/** Every leg of the route is a tunnel's. */
export function isTunnelDefault(
  route: DefaultRoute,
  interfaces: ReadonlyMap<number, NetworkInterface>,
): boolean {
  const legs = interfacesOfRoute(route);
  return legs.length > 0 && legs.every((index) => interfaces.get(index)?.kind === "tunnel");
}

/** Prefix length 0: the default itself and not a half of it. */
export function isWholeDefault({ prefix }: DefaultRoute): boolean {
  return prefix.endsWith("/0");
}

/** `0.0.0.0/0 via 10.0.0.1 dev eth0 metric 100`: the route for a person. */
export function describeDefault(
  route: DefaultRoute,
  interfaces: ReadonlyMap<number, Pick<NetworkInterface, "name">>,
): string {
  const nameOf = (index: number): string => interfaces.get(index)?.name ?? `interface ${index}`;
  const leg = (gateway: string | null, index: number): string =>
    `${gateway === null ? "" : ` via ${gateway}`} dev ${nameOf(index)}`;
  const legs =
    route.nexthops.length > 0
      ? route.nexthops
          .map(({ gateway, interfaceIndex }) => leg(gateway, interfaceIndex))
          .join(" and")
      : route.interfaceIndex === null
        ? ` ${route.type}`
        : leg(route.gateway, route.interfaceIndex);
  const metric = route.metric === 0 ? "" : ` metric ${route.metric}`;
  const table = route.table === mainTable ? "" : ` table ${route.table}`;
  return `${route.prefix}${legs}${metric}${table}`;
}

function legsOf(route: DefaultRoute): readonly string[] {
  if (route.nexthops.length > 0)
    return route.nexthops
      .map(({ gateway, interfaceIndex }) => `${gateway} ${interfaceIndex}`)
      .sort();
  return route.interfaceIndex === null ? [] : [`${route.gateway} ${route.interfaceIndex}`];
}
