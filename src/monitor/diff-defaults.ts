import type { IpFamily } from "../network/address.ts";
import { type DefaultRoute, interfacesOfRoute } from "../network/route.ts";
import type { DiffContext } from "./diff-context.ts";
import { viaOfRoute } from "./effective-default.ts";
import type { EventDefault, MonitorEvent } from "./event.ts";
import type { DefaultsView, DefaultVia, HostState } from "./host-state.ts";
import { uplinksOfView } from "./severity.ts";

/**
 * The one event that says how the defaults of a family differ, or null. A candidate that changed is removed
 * and added. Lifetimes are not compared, nor positions: a change of order shows as another effective one.
 */
export function diffDefaults(
  before: HostState,
  after: HostState,
  family: IpFamily,
  context: DiffContext,
): MonitorEvent | null {
  const was = before.defaults[family];
  const is = after.defaults[family];
  if (was === is) return null;
  const effectiveChanged = fingerprintOfEffective(was) !== fingerprintOfEffective(is);
  const removed = routesOnlyIn(was, is);
  const added = routesOnlyIn(is, was);
  if (!effectiveChanged && removed.length === 0 && added.length === 0) return null;
  // Of a split, `before` and `after` name one part; another part that comes or goes moves packets all the same.
  const winnersChanged = winnersOf(was) !== winnersOf(is);
  const uplinksChanged = !sameSet(uplinksOfView(was), uplinksOfView(is));
  return {
    kind: "default-changed",
    severity: effectiveChanged || winnersChanged || uplinksChanged ? "effective" : "churn",
    cause: context.causeOf({ kind: "defaults", family }),
    family,
    before: effectiveIn(before, was),
    after: effectiveIn(after, is),
    added: added.map((route) => named(route, viaOfRoute(route), after)),
    removed: removed.map((route) => named(route, viaOfRoute(route), before)),
  };
}

function effectiveIn(state: HostState, { effective }: DefaultsView): EventDefault | null {
  return effective === null ? null : named(effective.route, effective.via, state);
}

function named(route: DefaultRoute, via: DefaultVia, state: HostState): EventDefault {
  const interfaceNames = new Map<number, string>();
  for (const index of interfacesOfRoute(route)) {
    const name = state.interfaces.get(index)?.name;
    if (name !== undefined) interfaceNames.set(index, name);
  }
  return { route, via, interfaceNames };
}

function routesOnlyIn(view: DefaultsView, other: DefaultsView): readonly DefaultRoute[] {
  const spare = new Map<string, number>();
  for (const { route } of other.candidates) {
    const key = fingerprint(route);
    spare.set(key, (spare.get(key) ?? 0) + 1);
  }
  return view.candidates
    .map(({ route }) => route)
    .filter((route) => {
      const key = fingerprint(route);
      const left = spare.get(key) ?? 0;
      spare.set(key, left - 1);
      return left <= 0;
    });
}

function winnersOf({ candidates }: DefaultsView): string {
  const winners = candidates.filter(({ lostBecause }) => lostBecause === null);
  return winners
    .map(({ route }) => fingerprint(route))
    .sort()
    .join("\n");
}

function fingerprintOfEffective({ effective }: DefaultsView): string | null {
  return effective === null ? null : `${effective.via} ${fingerprint(effective.route)}`;
}

function fingerprint(route: DefaultRoute): string {
  return JSON.stringify([
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
    route.linkdown,
    route.nexthopId,
    route.nexthops.map((leg) => [
      leg.gateway,
      leg.interfaceIndex,
      leg.weight,
      leg.onlink,
      leg.linkdown,
    ]),
  ]);
}

function sameSet(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one));
}
