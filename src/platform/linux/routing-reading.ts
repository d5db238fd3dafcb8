import { type IpFamily, ipFamilies } from "../../network/address.ts";
import { type DefaultRoute, interfacesOfRoute, longestDefaultPrefix } from "../../network/route.ts";
import type {
  FoundScoped,
  HostRoute,
  Obstacle,
  PinnedHost,
  RecordedDefault,
  RoutingReading,
  TableRule,
} from "../../platform/route-control.ts";
import { AF_INET } from "../../wire/netlink/message-constants.ts";
import { encodeGetRouteLookup } from "../../wire/netlink/request.ts";
import { decodeRoute, type RouteMessage } from "../../wire/netlink/route.ts";
import { RT_TABLE_MAIN, RTNH_F_ONLINK } from "../../wire/netlink/route-constants.ts";
import type { RuleMessage } from "../../wire/netlink/rule.ts";
import { candidateTables, decidesBeforeMain } from "./candidate-tables.ts";
import { recordOf } from "./default-record.ts";
import { readRules } from "./defaults-reading.ts";
import { readInterfaceName } from "./interface-name.ts";
import { KernelError } from "./kernel-error.ts";
import { nexthopReader } from "./nexthop-reading.ts";
import type { RefusingRoutes } from "./refusing-routes.ts";
import type { Requester } from "./requester.ts";
import { routeIdentity } from "./route-identity.ts";
import { type FamilyRouting, routeObstacles, rulesBefore } from "./route-obstacles.ts";
import { placeRoutes } from "./route-places.ts";
import { addressText, translateRoute } from "./route-translation.ts";
import { ruleOwner, ruleText } from "./rule-words.ts";
import { type SlotLayout, slotOfTable, tableOfSlot } from "./slot-layout.ts";
import { foundScoped, type Slot, slotOf } from "./slot-reading.ts";
import { readShortAndHostRoutes, readShortRoutes, readTable } from "./table-reading.ts";

/** What the reading of the routing asks of the process that it runs in. */
export interface RoutingReaderOptions {
  readonly requester: Requester;
  readonly layout: SlotLayout;
  /** The reverse path filter of an interface, or of `all`; null when there is no such setting. */
  readonly readReversePathFilter: (interfaceName: string) => number | null;
  readonly refusing: RefusingRoutes;
}

/**
 * Reads everything about routing that a plan is made from.
 *
 * @throws PlatformError
 */
export async function readRouting(
  options: RoutingReaderOptions,
  signal: AbortSignal,
): Promise<RoutingReading> {
  const names = nameReader(options.requester);
  const families: FamilyRouting[] = [];
  const scoped: FoundScoped[] = [];
  const defaults: RecordedDefault[] = [];
  const pinnedHosts: PinnedHost[] = [];
  const tableRules: TableRule[] = [];
  let ownHosts: readonly HostRoute[] | null = [];
  for (const family of ipFamilies) {
    const read = await readFamily(options, family, signal);
    families.push(read.routing);
    defaults.push(...read.defaults);
    pinnedHosts.push(...read.pinnedHosts);
    tableRules.push(...read.tableRules);
    ownHosts = ownHosts === null || read.ownHosts === null ? null : [...ownHosts, ...read.ownHosts];
    for (const slot of read.routing.slots) {
      const found = foundScoped(options.layout, slot, names);
      if (found !== null) scoped.push(found);
    }
  }
  const uplinks = uplinksOf(scoped, defaults);
  const inMain = defaults.filter(({ route }) => route.table === RT_TABLE_MAIN);
  // What leads by a VPN's own device, in the VPN's own table, is in nobody's way.
  const bindable = uplinksOf(scoped, inMain);
  const obstacles = families.flatMap((routing) =>
    routeObstacles(options.layout, routing, bindable),
  );
  return {
    scoped,
    defaults,
    obstacles: [...obstacles, ...strictFilters(options, uplinks, names)],
    pinnedHosts,
    ownHosts,
    tableRules,
  };
}

interface FamilyReading {
  readonly routing: FamilyRouting;
  readonly defaults: readonly RecordedDefault[];
  readonly pinnedHosts: readonly PinnedHost[];
  readonly ownHosts: readonly HostRoute[] | null;
  readonly tableRules: readonly TableRule[];
}

async function readFamily(
  { requester, layout, refusing }: RoutingReaderOptions,
  family: IpFamily,
  signal: AbortSignal,
): Promise<FamilyReading> {
  const rules = await readRules(requester, family, signal);
  const slots: Slot[] = [];
  for (let slot = 0; slot < layout.slots; slot += 1) {
    const routes = await readTable(requester, family, tableOfSlot(layout, slot), signal);
    slots.push(slotOf(layout, family, slot, rules, routes));
  }
  const resolve = nexthopReader(requester);
  const candidates = candidateTables(rules, layout.protocol);
  const before = rulesBefore(layout, rules).map((rule) => rule.table);
  const tables = new Map<number, readonly DefaultRoute[]>();
  const defaults: RecordedDefault[] = [];
  const pinnedHosts: PinnedHost[] = [];
  let ownHosts: readonly HostRoute[] | null = [];
  for (const table of new Set([...candidates, ...before])) {
    if (table === 0 || slotOfTable(layout, table) !== null) continue;
    let messages: readonly RouteMessage[];
    if (table === RT_TABLE_MAIN) {
      const main = await readShortAndHostRoutes(requester, family, table, signal);
      // What stands behind the first part, in the order of destinations.
      const behind =
        main.hostsComplete || family === "ipv6"
          ? []
          : [...(await refusing.read(table, signal)), ...upperHalf(requester)];
      messages = [...main.short, ...behind.filter((one) => !main.short.some(sameAs(one)))];
      const isOurs = ({ protocol }: RouteMessage): boolean => protocol === layout.protocol;
      pinnedHosts.push(...main.hosts.filter((host) => !isOurs(host)).flatMap(pinnedHostOf));
      ownHosts = main.hostsComplete ? main.hosts.filter(isOurs).flatMap(ownHostOf) : null;
    } else messages = await readShortRoutes(requester, family, table, signal);
    const nowMs = Date.now();
    const routes = placeRoutes(messages.map((message) => translateRoute(message, resolve, nowMs)));
    tables.set(table, routes);
    if (!candidates.includes(table)) continue;
    for (const [at, message] of messages.entries()) {
      const route = routes[at];
      if (route !== undefined) defaults.push(recordOf(message, route));
    }
  }
  const tableRules = rules
    .filter((rule) => decidesBeforeMain(rule, rules, layout.protocol))
    .map((rule) => tableRuleOf(family, rule));
  return {
    routing: { family, rules, slots, tables },
    defaults,
    pinnedHosts,
    ownHosts,
    tableRules,
  };
}

/** The route of main that leads to the upper half of IPv4, if it is shorter than a /8, by the kernel's own answer. */
function upperHalf(requester: Requester): readonly RouteMessage[] {
  const dst = Uint8Array.of(128, 0, 0, 1);
  const encode = (seq: number): Uint8Array => encodeGetRouteLookup(seq, { dst });
  const answer = requester.ask("ask for the route of the upper half", encode, decodeRoute);
  if (answer instanceof KernelError || answer.table !== RT_TABLE_MAIN) return [];
  return answer.dstLength > 0 && answer.dstLength <= longestDefaultPrefix ? [answer] : [];
}

function sameAs(route: RouteMessage): (other: RouteMessage) => boolean {
  const identity = routeIdentity(route);
  return (other) => routeIdentity(other) === identity;
}

function ownHostOf(message: RouteMessage): readonly HostRoute[] {
  const { gateway, oif, dst, flags } = message;
  if (oif === null || dst === null) return [];
  return [
    {
      family: message.family === AF_INET ? "ipv4" : "ipv6",
      destination: addressText(dst),
      gateway: gateway === null ? null : addressText(gateway),
      interfaceIndex: oif,
      onlink: (flags & RTNH_F_ONLINK) !== 0,
    },
  ];
}

function tableRuleOf(family: IpFamily, rule: RuleMessage): TableRule {
  const preference = rule.priority ?? 0;
  const owner = ruleOwner(preference);
  const text = ruleText(rule);
  return {
    family,
    preference,
    table: rule.table,
    by: owner === null ? text : `${text} (${owner})`,
  };
}

function pinnedHostOf(message: RouteMessage): readonly PinnedHost[] {
  const { gateway, oif, dst } = message;
  if (gateway === null || oif === null || dst === null) return [];
  return [
    {
      family: message.family === AF_INET ? "ipv4" : "ipv6",
      destination: addressText(dst),
      gateway: addressText(gateway),
      interfaceIndex: oif,
    },
  ];
}

/** Every interface that a default or one of ours goes by. */
function uplinksOf(
  scoped: readonly FoundScoped[],
  defaults: readonly RecordedDefault[],
): ReadonlySet<number> {
  return new Set([
    ...scoped.map(({ entry }) => entry.interfaceIndex).filter((index) => index > 0),
    ...defaults.flatMap(({ route }) => interfacesOfRoute(route)),
  ]);
}

// The stricter of the two counts (Documentation/networking/ip-sysctl.rst: rp_filter); of 1, strict, and 2, loose,
// the kernel takes the greater number. There is no such filter for IPv6.
function* strictFilters(
  { readReversePathFilter }: RoutingReaderOptions,
  uplinks: ReadonlySet<number>,
  names: (index: number) => string | null,
): Generator<Obstacle> {
  const all = readReversePathFilter("all") ?? 0;
  for (const interfaceIndex of uplinks) {
    const name = names(interfaceIndex);
    if (name === null) continue;
    if (Math.max(all, readReversePathFilter(name) ?? 0) === 1)
      yield { kind: "rp-filter-strict", interfaceIndex };
  }
}

function nameReader(requester: Requester): (index: number) => string | null {
  const known = new Map<number, string | null>();
  return (index) => {
    let name = known.get(index);
    if (name === undefined) {
      name = index > 0 ? readInterfaceName(requester, index) : null;
      known.set(index, name);
    }
    return name;
  };
}
