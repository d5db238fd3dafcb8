import { type IpFamily, ipFamilies } from "../../network/address.ts";
import type { NetworkInterface } from "../../network/interface.ts";
import type { DefaultRoute } from "../../network/route.ts";
import type { FoundScoped, ScopedDefault } from "../route-control.ts";
import { isSameRoute } from "./default-insertion.ts";
import type { MemoryRule } from "./memory-kernel.ts";

/** Where our entries stand, and how they are marked. */
export interface ScopedLayout {
  readonly preferenceBase: number;
  readonly tableBase: number;
  readonly protocol: number;
}

/** Slots that there are. */
export const slotCount = 50;

const mainTable = 254;

/** A scoped default as the routes and rules that make it, in the order of adding. */
export interface ScopedParts {
  readonly routes: readonly DefaultRoute[];
  readonly rules: readonly MemoryRule[];
}

/** What must stand for a scoped default. */
export function partsOf(entry: ScopedDefault, layout: ScopedLayout): ScopedParts {
  const table = layout.tableBase + entry.slot;
  const preference = layout.preferenceBase + 2 * entry.slot;
  const protocol = String(layout.protocol);
  const base: DefaultRoute = {
    family: entry.family,
    prefix: entry.family === "ipv4" ? "0.0.0.0/0" : "::/0",
    type: "unicast",
    gateway: entry.gateway,
    interfaceIndex: entry.nexthops.length > 0 ? null : entry.interfaceIndex,
    metric: entry.family === "ipv4" ? 0 : 1024,
    tos: 0,
    table,
    position: 0,
    protocol,
    source: entry.source,
    onlink: entry.onlink,
    mtu: entry.mtu,
    pref: entry.family === "ipv4" ? null : "medium",
    expiresAt: null,
    linkdown: false,
    nexthopId: null,
    nexthops: entry.nexthops,
  };
  const thrown = entry.connected.map((prefix) => throwRoute(base, prefix));
  const rule = { family: entry.family, oif: entry.interfaceName, from: null, protocol };
  const suppress = { ...rule, preference, table: mainTable, suppressDefaults: true };
  const lookup = { ...rule, preference: preference + 1, table, suppressDefaults: false };
  const replies = entry.replyAddresses.flatMap((from) => [
    { ...suppress, oif: null, from },
    { ...lookup, oif: null, from },
  ]);
  return {
    routes: entry.form === "throw" ? [base, ...thrown] : [base],
    rules: [...(entry.form === "pair" ? [suppress] : []), lookup, ...replies],
  };
}

function throwRoute(base: DefaultRoute, prefix: string): DefaultRoute {
  return {
    ...base,
    prefix,
    type: "throw",
    gateway: null,
    interfaceIndex: null,
    source: null,
    mtu: null,
    onlink: false,
    nexthops: [],
  };
}

/** What of ours stands in the slots. */
export function findScoped(
  routes: readonly DefaultRoute[],
  rules: readonly MemoryRule[],
  interfaces: ReadonlyMap<number, NetworkInterface>,
  layout: ScopedLayout,
): readonly FoundScoped[] {
  const found: FoundScoped[] = [];
  for (const family of ipFamilies) {
    for (let slot = 0; slot < slotCount; slot += 1) {
      const parts = {
        routes: routes.filter((route) => isRouteOfSlot(route, family, slot, layout)),
        rules: rules.filter((rule) => isRuleOfSlot(rule, family, slot, layout)),
      };
      if (parts.routes.length === 0 && parts.rules.length === 0) continue;
      const entry = entryOf(parts, family, slot, interfaces);
      found.push({ entry, complete: isComplete(entry, parts, interfaces, layout) });
    }
  }
  return found;
}

/** The rule is ours by its tag and stands in the slot's place. */
export function isRuleOfSlot(
  rule: MemoryRule,
  family: IpFamily,
  slot: number,
  layout: ScopedLayout,
): boolean {
  return isRuleInPlace(rule, family, slot, layout) && rule.protocol === String(layout.protocol);
}

/** The rule stands where the slot's rules do, whosever it is. */
export function isRuleInPlace(
  { family: ofFamily, preference }: MemoryRule,
  family: IpFamily,
  slot: number,
  layout: ScopedLayout,
): boolean {
  const first = layout.preferenceBase + 2 * slot;
  return ofFamily === family && (preference === first || preference === first + 1);
}

/** The route is ours by its tag and stands in the slot's table. */
export function isRouteOfSlot(
  route: DefaultRoute,
  family: IpFamily,
  slot: number,
  layout: ScopedLayout,
): boolean {
  return (
    route.family === family &&
    route.table === layout.tableBase + slot &&
    route.protocol === String(layout.protocol)
  );
}

function entryOf(
  { routes, rules }: ScopedParts,
  family: IpFamily,
  slot: number,
  interfaces: ReadonlyMap<number, NetworkInterface>,
): ScopedDefault {
  const route = routes.find(({ type }) => type === "unicast");
  const named = rules.find(({ oif }) => oif !== null)?.oif ?? null;
  const index =
    route?.interfaceIndex ??
    route?.nexthops[0]?.interfaceIndex ??
    [...interfaces.values()].find(({ name }) => name === named)?.index ??
    0;
  const thrown = routes.filter(({ type }) => type === "throw").map(({ prefix }) => prefix);
  const replies = rules.flatMap(({ from, table }) =>
    from === null || table === mainTable ? [] : [from],
  );
  return {
    family,
    interfaceIndex: index,
    interfaceName: named ?? interfaces.get(index)?.name ?? "",
    slot,
    gateway: route?.gateway ?? null,
    onlink: route?.onlink ?? false,
    source: route?.source ?? null,
    mtu: route?.mtu ?? null,
    nexthops: route?.nexthops ?? [],
    form: thrown.length > 0 ? "throw" : "pair",
    connected: thrown,
    replyAddresses: replies,
  };
}

function isComplete(
  entry: ScopedDefault,
  parts: ScopedParts,
  interfaces: ReadonlyMap<number, NetworkInterface>,
  layout: ScopedLayout,
): boolean {
  const expected = partsOf(entry, layout);
  return (
    interfaces.get(entry.interfaceIndex)?.name === entry.interfaceName &&
    expected.routes.length === parts.routes.length &&
    expected.routes.every((route) => parts.routes.some((one) => isSameRoute(one, route))) &&
    expected.rules.length === parts.rules.length &&
    expected.rules.every((rule) => parts.rules.some((one) => isSameRule(one, rule)))
  );
}

/** Equal in everything. */
export function isSameRule(a: MemoryRule, b: MemoryRule): boolean {
  return (
    a.family === b.family &&
    a.preference === b.preference &&
    a.oif === b.oif &&
    a.from === b.from &&
    a.table === b.table &&
    a.suppressDefaults === b.suppressDefaults &&
    a.protocol === b.protocol
  );
}
