import type { IpFamily } from "../network/address.ts";
import type { NetworkInterface } from "../network/interface.ts";
import { type DefaultRoute, interfacesOfRoute } from "../network/route.ts";
import type { FoundScoped, TableRule } from "../platform/route-control.ts";
import type { Uplink } from "../routes/leased/best-uplink.ts";
import type { LeasedView } from "../routes/leased/leased-default.ts";
import type { ScopedView } from "../routes/scoped-view.ts";
import type { DefaultWish, Lease, UplinkWish } from "./lease.ts";

/** An interface with the number of devices that have borne its name. */
export interface LeasableLink extends NetworkInterface {
  readonly generation: number;
}

/** What a lease gives for one family. */
export interface Binding {
  readonly family: IpFamily;
  /**
   * `stale`: the interface or its way is gone; `lost`, `blocked`: the default is gone with its interface, and packets
   * go as before, or nowhere; `outranked`, `shadowed`: another route, or a rule, wins; `covered`: a newer lease
   * stands before it.
   */
  readonly state: "ready" | "stale" | "lost" | "blocked" | "outranked" | "shadowed" | "covered";
  /** Null when there is nothing to add. */
  readonly reason: string | null;
  readonly interface: string | null;
  readonly index: number | null;
  readonly generation: number | null;
  readonly gateway: string | null;
  readonly source: string | null;
  /** Linux: where the default of the interface stands. */
  readonly table: number | null;
}

/** What bindings follow from, read at one time. */
export interface Sight {
  readonly links: ReadonlyMap<number, LeasableLink>;
  readonly scoped: readonly ScopedView[];
  readonly found: readonly FoundScoped[];
  readonly leased: readonly LeasedView[];
  readonly uplinks: Readonly<Record<IpFamily, Uplink | null>>;
  readonly tableRules: readonly TableRule[];
  /** The routes by which unbound packets leave, by the kernel's own word; missing where nobody asked. */
  readonly carriers: ReadonlyMap<IpFamily, readonly DefaultRoute[]>;
  /** Table of slot 0; null where there are no tables. */
  readonly tableBase: number | null;
}

/** The bindings of a lease, one for each of its families. */
export function bindingsOf({ wish, group }: Lease, sight: Sight): readonly Binding[] {
  return wish.families.map((family) =>
    wish.kind === "uplink"
      ? bindingOfUplink(wish, family, sight)
      : bindingOfDefault(wish, group, family, sight),
  );
}

const nowhere = {
  interface: null,
  index: null,
  generation: null,
  gateway: null,
  source: null,
  table: null,
} as const;

function bindingOfUplink(
  { via }: UplinkWish,
  family: IpFamily,
  { links, scoped, found, uplinks, tableBase }: Sight,
): Binding {
  const best = uplinks[family];
  if (via === null && best === null)
    return {
      ...nowhere,
      family,
      state: "stale",
      reason: "no-uplink: there is no default but a tunnel's",
    };
  const link =
    via === null
      ? links.get(best?.interfaceIndex ?? -1)
      : [...links.values()].find(({ name }) => name === via);
  if (link === undefined) {
    const reason = `interface-gone: there is no ${via ?? "uplink"} now`;
    return { ...nowhere, family, interface: via, state: "stale", reason };
  }
  const { name, index, generation } = link;
  const base = { ...nowhere, family, interface: name, index, generation };
  const view = scoped.find((one) => one.family === family && one.interface === name);
  const entry = found.find(
    ({ entry: one, complete }) => complete && one.family === family && one.interfaceIndex === index,
  )?.entry;
  const stands = view?.state === "installed" || view?.state === "degraded";
  if (!stands || entry === undefined)
    return { ...base, state: "stale", reason: view?.reason ?? `not-made: ${name} has no way yet` };
  const { gateway, source, slot } = entry;
  const table = tableBase === null ? null : tableBase + slot;
  return { ...base, state: "ready", reason: view.reason, gateway, source, table };
}

/** Linux's main table, rt_tables(5). */
const mainTable = 254;

function bindingOfDefault(
  { via, onLost }: DefaultWish,
  group: string,
  family: IpFamily,
  { links, leased, carriers, tableRules, tableBase }: Sight,
): Binding {
  const link = [...links.values()].find(({ name }) => name === via);
  const view = leased.find((one) => one.lease === group && one.family === family);
  const base: Omit<Binding, "state" | "reason"> = {
    ...nowhere,
    family,
    interface: via,
    index: link?.index ?? null,
    generation: link?.generation ?? null,
    gateway: view?.gateway ?? null,
    table: tableBase === null ? null : mainTable,
  };
  if (view === undefined)
    return { ...base, state: "stale", reason: "not-made: it is not made yet" };
  if (view.state === "stands" && link?.up !== true) {
    // The kernel has taken it away, and the loop has not heard of it yet.
    const reason =
      link === undefined
        ? `interface-gone: there is no ${via} now`
        : `interface-down: ${via} is down`;
    return { ...base, state: onLost === "block" ? "blocked" : "lost", reason };
  }
  switch (view.state) {
    case "in-work":
      return { ...base, state: "stale", reason: view.reason ?? "not-made: it is not made yet" };
    case "refused":
      return { ...base, state: "lost", reason: view.reason };
    case "covered":
    case "lost":
    case "blocked":
    case "outranked":
      return { ...base, state: view.state, reason: view.reason };
    case "stands": {
      const rival = (carriers.get(family) ?? []).find(
        (route) => link === undefined || !interfacesOfRoute(route).includes(link.index),
      );
      if (rival === undefined) return { ...base, state: "ready", reason: null };
      return { ...base, ...judgeRival(rival, links, tableRules) };
    }
    default:
      return view.state satisfies never;
  }
}

function judgeRival(
  rival: DefaultRoute,
  links: Sight["links"],
  tableRules: Sight["tableRules"],
): Pick<Binding, "state" | "reason"> {
  const index = interfacesOfRoute(rival)[0];
  const way = index === undefined ? rival.type : (links.get(index)?.name ?? `interface ${index}`);
  const rule = tableRules.find(
    ({ family, table }) => family === rival.family && table === rival.table,
  );
  return rule === undefined
    ? { state: "outranked", reason: `${rival.prefix} over ${way} goes before it` }
    : {
        state: "shadowed",
        reason: `shadowed by rule ${rule.preference} (${rule.by}), which leads over ${way}`,
      };
}
