import type { Default, Defaults } from "../admin-api/route-schema.ts";
import { viaOfRoute } from "../monitor/effective-default.ts";
import type { DefaultsView, DefaultVia } from "../monitor/host-state.ts";
import type { DefaultRoute } from "../network/route.ts";

/** Name by index; an interface that has none there is shown as `#7`. */
export type InterfaceNames = Pick<ReadonlyMap<number, string>, "get">;

/** A default as the admin API shows it. */
export function viewDefault(route: DefaultRoute, via: DefaultVia, names: InterfaceNames): Default {
  const nameOf = (index: number): string => names.get(index) ?? `#${index}`;
  return {
    family: route.family,
    prefix: route.prefix,
    type: route.type,
    via,
    gateway: route.gateway,
    interface: route.interfaceIndex === null ? null : nameOf(route.interfaceIndex),
    metric: route.metric,
    tos: route.tos,
    table: route.table,
    position: route.position,
    protocol: route.protocol,
    source: route.source,
    onlink: route.onlink,
    mtu: route.mtu,
    pref: route.pref,
    expiresAt: isoTime(route.expiresAt),
    linkdown: route.linkdown,
    nexthopId: route.nexthopId,
    nexthops: route.nexthops.map((leg) => ({
      gateway: leg.gateway,
      interface: nameOf(leg.interfaceIndex),
      weight: leg.weight,
    })),
  };
}

/** The effective default and all candidates of a family. */
export function viewDefaults(view: DefaultsView, names: InterfaceNames): Defaults {
  const { effective, candidates } = view;
  return {
    effective: effective === null ? null : viewDefault(effective.route, effective.via, names),
    candidates: candidates.map(({ route, lostBecause }) => ({
      ...viewDefault(
        route,
        lostBecause === null && effective !== null ? effective.via : viaOfRoute(route),
        names,
      ),
      lostBecause,
    })),
  };
}

/** ISO 8601 with milliseconds of a time in ms since the epoch; null stays null. */
export function isoTime(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}
