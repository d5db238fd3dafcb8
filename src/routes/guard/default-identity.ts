import type { NetworkInterface } from "../../network/interface.ts";
import { type DefaultRoute, interfacesOfRoute } from "../../network/route.ts";
import type { InterfaceIdentity, RecordedDefault } from "../../platform/route-control.ts";
import { identityOf, recogniseInterface } from "../journal/interface-identity.ts";

/** One way out of a default. */
export interface Leg {
  readonly gateway: string | null;
  readonly interfaceIndex: number;
  readonly onlink: boolean;
}

/** No interface has it (if_nametoindex(3) gives 0 for an error): stands for one that is gone. */
const goneIndex = 0;

// The tables that every unbound look-up walks without a rule of someone's (rt_tables(5): unspec, default, main).
const walkedTables: ReadonlySet<number> = new Set([0, 253, 254]);

/** The ways out of a route; none for error types. */
export function legsOf(route: DefaultRoute): readonly Leg[] {
  if (route.nexthops.length > 0) return route.nexthops;
  const { gateway, interfaceIndex, onlink } = route;
  return interfaceIndex === null ? [] : [{ gateway, interfaceIndex, onlink }];
}

/** A whole default that unbound packets reach without somebody's rule, and that delivers. */
export function isPlainDefault(route: DefaultRoute): boolean {
  return (
    route.prefix.endsWith("/0") &&
    route.type === "unicast" &&
    walkedTables.has(route.table) &&
    legsOf(route).length > 0
  );
}

/**
 * Whether two routes are the same default: same table, interface and gateway, whatever the metric. A multipath
 * route that lost or gained a leg is the same one.
 */
export function isSameDefault(a: DefaultRoute, b: DefaultRoute): boolean {
  if (a.family !== b.family || a.prefix !== b.prefix || a.table !== b.table || a.tos !== b.tos)
    return false;
  const one = legsOf(a).map(legKey);
  const other = legsOf(b).map(legKey);
  if (one.length === 0 || other.length === 0) return false;
  return one.every((key) => other.includes(key)) || other.every((key) => one.includes(key));
}

/** Whether adding one with NLM_F_REPLACE takes the other away: ip-route(8) `replace` goes by these. */
export function isSameKey(a: DefaultRoute, b: DefaultRoute): boolean {
  return (
    a.family === b.family &&
    a.prefix === b.prefix &&
    a.table === b.table &&
    a.tos === b.tos &&
    a.metric === b.metric
  );
}

/** Whether two routes leave by different interfaces altogether. */
export function isElsewhere(a: DefaultRoute, b: DefaultRoute): boolean {
  const taken = interfacesOfRoute(b);
  const own = interfacesOfRoute(a);
  return own.length > 0 && own.every((index) => !taken.includes(index));
}

/** Whether every leg leaves by one of the other's interfaces. */
export function isOverSameInterfaces(a: DefaultRoute, b: DefaultRoute): boolean {
  const taken = interfacesOfRoute(b);
  return interfacesOfRoute(a).every((index) => taken.includes(index));
}

/** What a record keeps of the interfaces of a route; those that are not there are left out. */
export function identitiesOf(
  route: DefaultRoute,
  interfaces: ReadonlyMap<number, NetworkInterface>,
): readonly InterfaceIdentity[] {
  return interfacesOfRoute(route).flatMap((index) => {
    const found = interfaces.get(index);
    return found === undefined ? [] : [identityOf(found)];
  });
}

/**
 * The route with its interfaces' indexes of now: one that was made anew has another. A leg whose interface is
 * gone has index 0.
 */
export function relocate(
  route: DefaultRoute,
  identities: readonly InterfaceIdentity[],
  interfaces: ReadonlyMap<number, NetworkInterface>,
): DefaultRoute {
  const indexNow = (index: number): number => {
    const identity = identities.find((one) => one.index === index);
    if (identity === undefined) return goneIndex;
    const found = recogniseInterface(identity, interfaces);
    return found.kind === "gone" ? goneIndex : found.interface.index;
  };
  return {
    ...route,
    interfaceIndex: route.interfaceIndex === null ? null : indexNow(route.interfaceIndex),
    nexthops: route.nexthops.map((leg) => ({
      ...leg,
      interfaceIndex: indexNow(leg.interfaceIndex),
    })),
  };
}

/** The kernel's own bytes for a route, where they were read. */
export function recordOf(
  route: DefaultRoute,
  records: readonly RecordedDefault[],
): RecordedDefault | null {
  return (
    records.find((one) => isSameKey(one.route, route) && isSameDefault(one.route, route)) ?? null
  );
}

function legKey({ gateway, interfaceIndex }: Leg): string {
  return `${interfaceIndex} ${gateway ?? ""}`;
}
