import type { CoveringRoute, RouteWay, RoutingLink } from "../platform/route-inquiry.ts";
import { refusalOf, type Step, type TableLookUp } from "./decision.ts";
import type { Flow } from "./flow.ts";
import { tableName, wayText } from "./route-text.ts";

/** fib_dscp_masked_match() (net/ip_fib.h): of the type of service byte, routes compare these bits. */
const tosMask = 0x1c;

/**
 * Looks one table up as the kernel does (fib_table_lookup, net/ipv4/fib_trie.c): the longest prefix first, of equal
 * ones in the order of TOS and metric.
 *
 * @param routes of the table, those that cover the destination, in the kernel's order
 */
export function lookUpIpv4(
  table: number,
  routes: readonly CoveringRoute[],
  flow: Flow,
  links: ReadonlyMap<number, RoutingLink>,
): TableLookUp {
  const steps: Step[] = [];
  const ordered = routes.toSorted((a, b) => b.prefix.length - a.prefix.length);
  /** First address of the prefixes that a nexthop object in vain has hidden. */
  let hidden: string | null = null;
  for (const [at, route] of ordered.entries()) {
    const pass = (why: string): void =>
      void steps.push({ kind: "route", route, chosen: false, why });
    if (firstAddress(route) === hidden) {
      pass("the kernel does not look here: the nexthop object before it did not fit");
      continue;
    }
    if (route.tos !== 0 && route.tos !== (flow.tos & tosMask)) {
      pass(`for packets with TOS 0x${route.tos.toString(16)} only`);
      continue;
    }
    if (route.type === "throw") {
      pass("sends the packet back to the rules");
      return { steps, result: { kind: "nothing", why: `${route.prefix.text} says throw` } };
    }
    const code = refusalOf(route.type);
    if (code !== null) {
      steps.push({ kind: "route", route, chosen: true, why: "refuses the packet" });
      return { steps, result: { kind: "refused", code, route } };
    }
    const ways = route.ways.filter((way) => objectionTo(way, flow, links) === null);
    if (ways.length === 0) {
      const [first] = route.ways;
      pass(first === undefined ? "leads nowhere" : (objectionTo(first, flow, links) ?? ""));
      // nexthop_get_nhc_lookup(): an object in vain ends the look through all prefixes of that first address.
      if (route.nexthopId !== null) hidden = firstAddress(route);
      continue;
    }
    const rest = ordered.slice(at + 1);
    const equals = equalDefaults(route, rest, flow);
    steps.push({ kind: "route", route, chosen: true, why: "chosen" });
    steps.push(...rest.map((other) => loser(route, other)));
    // For a bound packet the first way that fits is taken, unbound ones share.
    const usable = flow.outgoing === 0 ? ways : ways.slice(0, 1);
    return { steps, result: { kind: "route", route, ways: usable, equals } };
  }
  const why =
    routes.length === 0
      ? `table ${tableName(table)} has no route to it`
      : `no route of table ${tableName(table)} takes the packet`;
  return { steps, result: { kind: "nothing", why } };
}

function firstAddress({ prefix }: CoveringRoute): string {
  return prefix.bytes.join(".");
}

/** Why the packet cannot go that way (fib_lookup_good_nhc); null when it can. */
function objectionTo(
  way: RouteWay,
  flow: Flow,
  links: ReadonlyMap<number, RoutingLink>,
): string | null {
  if (way.dead && way.linkdown) return "has no carrier, and is set to be passed over then";
  if (way.dead) return "its link is down";
  if (flow.outgoing === 0 || flow.outgoing === way.interfaceIndex) return null;
  return `leaves ${wayText({ ...way, gateway: null }, links)}, and the packet is bound to ${links.get(flow.outgoing)?.name ?? flow.outgoing}`;
}

// fib_select_default(): of defaults of equal TOS and metric over gateways, one whose gateway answers is preferred.
function equalDefaults(
  chosen: CoveringRoute,
  rest: readonly CoveringRoute[],
  flow: Flow,
): readonly CoveringRoute[] {
  if (chosen.prefix.length !== 0 || flow.outgoing !== 0 || chosen.ways.length > 1) return [];
  return rest.filter(
    (route) =>
      route.prefix.length === 0 &&
      route.metric === chosen.metric &&
      route.tos === chosen.tos &&
      route.type === "unicast" &&
      route.ways.some(({ gateway }) => gateway !== null),
  );
}

function loser(chosen: CoveringRoute, route: CoveringRoute): Step {
  return { kind: "route", route, chosen: false, why: lossOf(chosen, route) };
}

function lossOf(chosen: CoveringRoute, route: CoveringRoute): string {
  if (route.prefix.length < chosen.prefix.length) return "its prefix is shorter";
  if (route.tos !== chosen.tos) return "a route for the packet's TOS comes first";
  if (route.metric > chosen.metric) return "its metric is higher";
  return "an equal one comes first";
}
