import type { NetworkInterface } from "../../network/interface.ts";
import { type DefaultRoute, interfacesOfRoute } from "../../network/route.ts";
import { PlatformError } from "../platform-error.ts";
import { covers } from "./prefix-cover.ts";

/**
 * The routes with one more, or null where the kernel would answer EEXIST: `exclusive` refuses any of the same key
 * (table, prefix, tos, metric), the others only the very same route. Those of equal key are numbered in order.
 */
export function insertDefault(
  routes: readonly DefaultRoute[],
  added: DefaultRoute,
  placement: "exclusive" | "append" | "prepend",
): readonly DefaultRoute[] | null {
  const peers = routes.filter((route) => hasSameKey(route, added));
  if (placement === "exclusive" ? peers.length > 0 : peers.some((one) => isSameRoute(one, added)))
    return null;
  const fresh = { ...added, linkdown: false };
  if (peers.length === 0) {
    const behind = routes.findIndex((route) => route.metric > added.metric);
    const at = behind < 0 ? routes.length : behind;
    return renumbered([...routes.slice(0, at), fresh, ...routes.slice(at)]);
  }
  const first = routes.findIndex((route) => hasSameKey(route, added));
  const at =
    placement === "prepend" ? first : routes.findLastIndex((r) => hasSameKey(r, added)) + 1;
  return renumbered([...routes.slice(0, at), fresh, ...routes.slice(at)]);
}

/** The routes without this very one, or null when it is not among them. */
export function withoutDefault(
  routes: readonly DefaultRoute[],
  gone: DefaultRoute,
): readonly DefaultRoute[] | null {
  const at = routes.findIndex((route) => isSameRoute(route, gone));
  return at < 0 ? null : renumbered(routes.toSpliced(at, 1));
}

/** Equal in everything that a request can name; positions, lifetimes and momentary flags aside. */
export function isSameRoute(a: DefaultRoute, b: DefaultRoute): boolean {
  return fingerprint(a) === fingerprint(b);
}

/**
 * Refuses what Linux refuses: a link that is down, a gateway that is on no connected prefix, a source that is not
 * the host's.
 *
 * @throws PlatformError
 */
export function checkRoute(
  route: DefaultRoute,
  interfaces: ReadonlyMap<number, NetworkInterface>,
): void {
  const action = `add ${route.prefix}`;
  for (const index of interfacesOfRoute(route)) {
    const link = interfaces.get(index);
    if (link === undefined) throw new PlatformError("no-such-interface", action);
    if (!link.up) throw new PlatformError("rejected", action, new Error("Network is down"));
  }
  for (const leg of legsOf(route)) {
    const addresses = interfaces.get(leg.interfaceIndex)?.addresses ?? [];
    if (leg.gateway === null || leg.onlink || leg.gateway.startsWith("fe80:")) continue;
    const gateway = leg.gateway;
    if (addresses.some(({ address, prefixLength }) => covers(address, prefixLength, gateway)))
      continue;
    throw new PlatformError("rejected", action, new Error("Nexthop has invalid gateway"));
  }
  const known = [...interfaces.values()].flatMap(({ addresses }) => addresses);
  if (route.source !== null && !known.some(({ address }) => address === route.source))
    throw new PlatformError("rejected", action, new Error("Invalid prefsrc address"));
}

function legsOf(route: DefaultRoute): readonly {
  readonly gateway: string | null;
  readonly interfaceIndex: number;
  readonly onlink: boolean;
}[] {
  if (route.nexthops.length > 0) return route.nexthops;
  if (route.interfaceIndex === null) return [];
  const { gateway, interfaceIndex, onlink } = route;
  return [{ gateway, interfaceIndex, onlink }];
}

function hasSameKey(a: DefaultRoute, b: DefaultRoute): boolean {
  return a.table === b.table && a.prefix === b.prefix && a.tos === b.tos && a.metric === b.metric;
}

function renumbered(routes: readonly DefaultRoute[]): readonly DefaultRoute[] {
  return routes.map((route, at) => ({
    ...route,
    position: routes.slice(0, at).filter((earlier) => hasSameKey(earlier, route)).length,
  }));
}

function fingerprint(route: DefaultRoute): string {
  return JSON.stringify([
    route.family,
    route.prefix,
    route.type,
    route.gateway,
    route.interfaceIndex,
    route.metric,
    route.tos,
    route.table,
    route.protocol,
    route.source,
    route.onlink,
    route.mtu,
    route.pref,
    route.nexthopId,
    route.nexthops.map((leg) => [leg.gateway, leg.interfaceIndex, leg.weight, leg.onlink]),
  ]);
}
