import type { NetworkInterface } from "../../network/interface.ts";
import { type DefaultRoute, interfacesOfRoute } from "../../network/route.ts";
import type { Requester, RouteEvidence } from "../../platform/route-evidence.ts";
import { isElsewhere, isOverSameInterfaces, isSameDefault } from "./default-identity.ts";

/** A default or a part of a split that was not there before. */
export interface Arrival {
  readonly route: DefaultRoute;
  readonly at: number;
  readonly by: Requester | null;
  /** Names of its interfaces, as far as they were known when it came. */
  readonly over: readonly string[];
}

/** Remembers what came to carry packets in one family, by looking and by what messages said. */
export interface Arrivals {
  /** `routes` is all that stands now; what the look before did not show has arrived. */
  look(
    routes: readonly DefaultRoute[],
    interfaces: ReadonlyMap<number, NetworkInterface>,
    now: number,
  ): void;
  /** A message said that one came, which may be gone before anybody looks. */
  hear(evidence: RouteEvidence, now: number): void;
  /** The newest over other interfaces than the route's, those that stand now first. */
  elsewhere(route: DefaultRoute, from: number, until: number): Arrival | null;
  /** One that stands now, leaves by no interface but the route's, and is another default. */
  besides(route: DefaultRoute, from: number): Arrival | null;
  /** Something over the same interfaces as the arrival stands now. */
  standsStill(arrival: Arrival): boolean;
  /** Those that stand now and came since. */
  standingSince(from: number): readonly Arrival[];
}

const mostKept = 256;

/** @param isOurs routes of our own are no arrivals */
export function createArrivals(isOurs: (route: DefaultRoute) => boolean): Arrivals {
  let standing: readonly DefaultRoute[] | null = null;
  let arrived: Arrival[] = [];
  let names: ReadonlyMap<number, string> = new Map();

  const keep = (route: DefaultRoute, at: number, by: Requester | null): void => {
    if (route.type !== "unicast" || isOurs(route)) return;
    const over = interfacesOfRoute(route).map((index) => names.get(index) ?? `interface ${index}`);
    arrived.push({ route, at, by, over });
    if (arrived.length > mostKept) arrived = arrived.slice(-mostKept);
  };
  const stands = (route: DefaultRoute): boolean =>
    standing?.some((one) => isSameDefault(one, route)) ?? false;

  return {
    look(routes, interfaces, now) {
      names = new Map([...interfaces.values()].map(({ index, name }) => [index, name]));
      const before = standing;
      standing = routes;
      if (before === null) return;
      for (const route of routes) {
        if (!before.some((one) => isSameDefault(one, route))) {
          const heard = arrived.findLast((one) => isSameDefault(one.route, route));
          keep(route, now, heard?.by ?? null);
        }
      }
    },
    hear(evidence, now) {
      if (evidence.action === "removed" || stands(evidence.route)) return;
      keep(evidence.route, now, evidence.requester);
    },
    elsewhere(route, from, until) {
      const fitting = arrived.filter(
        (one) => one.at >= from && one.at <= until && isElsewhere(one.route, route),
      );
      return fitting.findLast((one) => stands(one.route)) ?? fitting.at(-1) ?? null;
    },
    besides(route, from) {
      const found = arrived.findLast(
        (one) =>
          one.at >= from &&
          one.route.prefix.endsWith("/0") &&
          stands(one.route) &&
          isOverSameInterfaces(one.route, route) &&
          !isSameDefault(one.route, route),
      );
      return found ?? null;
    },
    standsStill: ({ route }) =>
      standing?.some((one) => one.type === "unicast" && isOverSameInterfaces(route, one)) ?? false,
    standingSince: (from) => arrived.filter((one) => one.at >= from && stands(one.route)),
  };
}
