import { sharePrefix } from "../network/prefix.ts";
import type { CoveringRoute, RouteWay, RoutingLink } from "../platform/route-inquiry.ts";
import { refusalOf, type Step, type TableLookUp } from "./decision.ts";
import { type Flow, loopbackIndex } from "./flow.ts";
import { tableName, wayText } from "./route-text.ts";

/** Routes of one prefix and one source prefix, in the kernel's order. */
interface Node {
  readonly length: number;
  /** -1 for the routes that serve every source. */
  readonly sourceLength: number;
  readonly routes: readonly CoveringRoute[];
}

/** One way of one route, as the kernel keeps them: a multipath route is a row of routes of equal rank. */
interface Candidate {
  readonly route: CoveringRoute;
  readonly way: RouteWay;
}

/**
 * Looks one table up as the kernel does (fib6_table_lookup, net/ipv6/route.c).
 *
 * @param routes of the table, those that cover the destination, in the kernel's order
 */
export function lookUpIpv6(
  table: number,
  routes: readonly CoveringRoute[],
  flow: Flow,
  links: ReadonlyMap<number, RoutingLink>,
): TableLookUp {
  const steps: Step[] = [];
  const pass = (route: CoveringRoute, why: string): void =>
    void steps.push({ kind: "route", route, chosen: false, why });
  const nodes = nodesOf(routes);
  const start = firstNode(nodes, flow);
  let chosen: Candidate | null = null;
  for (const [at, node] of nodes.entries()) {
    if (chosen !== null) for (const route of node.routes) pass(route, lossOf(chosen.route, route));
    else if (!servesSource(node, flow)) {
      const why = flow.hasSource
        ? "for packets from there only"
        : "for packets from there only, and the source is not chosen yet";
      for (const route of node.routes) pass(route, why);
    } else if (at < start)
      // fib6_node_lookup_1() (net/ipv6/ip6_fib.c): when none of them fits, it goes on to a shorter prefix.
      for (const route of node.routes)
        pass(
          route,
          "the kernel does not look here: routes for some sources of the same prefix hide it",
        );
    else chosen = chooseIn(node, flow, links, steps);
  }
  if (chosen === null) {
    const why =
      routes.length === 0
        ? `table ${tableName(table)} has no route to it`
        : `no route of table ${tableName(table)} takes the packet`;
    return { steps, result: { kind: "nothing", why } };
  }
  const { route, way } = chosen;
  if (route.type === "throw") {
    return { steps, result: { kind: "nothing", why: `${route.prefix.text} says throw` } };
  }
  const code = refusalOf(route.type);
  if (code !== null) return { steps, result: { kind: "refused", code, route } };
  return { steps, result: { kind: "route", route, ways: waysOf(route, way, flow), equals: [] } };
}

function nodesOf(routes: readonly CoveringRoute[]): readonly Node[] {
  const nodes = new Map<
    string,
    { length: number; sourceLength: number; routes: CoveringRoute[] }
  >();
  for (const route of routes) {
    const key = `${route.prefix.length} ${route.sourcePrefix?.text ?? ""}`;
    const node = nodes.get(key);
    if (node !== undefined) node.routes.push(route);
    else
      nodes.set(key, {
        length: route.prefix.length,
        sourceLength: route.sourcePrefix?.length ?? -1,
        routes: [route],
      });
  }
  return [...nodes.values()].sort((a, b) => b.length - a.length || b.sourceLength - a.sourceLength);
}

/**
 * The first node that is looked at. The way down the tree ends at the longest prefix, but not at one that has routes
 * for some sources of which none fits, except ::/0; the way back up passes no node over.
 */
function firstNode(nodes: readonly Node[], flow: Flow): number {
  const at = nodes.findIndex((node) => {
    if (!servesSource(node, flow)) return false;
    if (node.sourceLength >= 0 || node.length === 0) return true;
    return !nodes.some(({ length, sourceLength }) => length === node.length && sourceLength >= 0);
  });
  return at === -1 ? nodes.length : at;
}

function servesSource(node: Node, flow: Flow): boolean {
  const prefix = node.routes[0]?.sourcePrefix ?? null;
  return prefix === null || sharePrefix(prefix.bytes, flow.source, prefix.length);
}

/**
 * The route of a node with the highest score, of those with the node's lowest metric; only when none of them fits, of
 * all others whatever their metric (find_rr_leaf).
 */
function chooseIn(
  node: Node,
  flow: Flow,
  links: ReadonlyMap<number, RoutingLink>,
  steps: Step[],
): Candidate | null {
  const metric = node.routes[0]?.metric ?? 0;
  const first = best(
    node.routes.filter((route) => route.metric === metric),
    flow,
  );
  const chosen =
    first ??
    best(
      node.routes.filter((route) => route.metric !== metric),
      flow,
    );
  const ordered =
    chosen === null
      ? node.routes
      : [chosen.route, ...node.routes.filter((route) => route !== chosen.route)];
  for (const route of ordered) {
    const isChosen = route === chosen?.route;
    const why = isChosen ? winOf(route) : (unfit(route, flow, links) ?? loss(chosen, route, flow));
    steps.push({ kind: "route", route, chosen: isChosen && route.type !== "throw", why });
  }
  return chosen;
}

function best(routes: readonly CoveringRoute[], flow: Flow): Candidate | null {
  let found: Candidate | null = null;
  let highest = -1;
  for (const route of routes) {
    if (route.expired) continue;
    const dropping = route.type === "blackhole" && route.nexthopId !== null;
    for (const way of waysToTry(route)) {
      const score = dropping ? Number.POSITIVE_INFINITY : scoreOf(route, way, flow);
      if (score === null || score <= highest) continue;
      found = { route, way };
      highest = score;
    }
    if (dropping) break;
  }
  return found;
}

/** A route that refuses stands on the loopback interface (fib6_nh_init). */
function waysToTry(route: CoveringRoute): readonly RouteWay[] {
  if (route.ways.length > 0 || (refusalOf(route.type) === null && route.type !== "throw"))
    return route.ways;
  const way = { gateway: null, weight: 1, onlink: false, linkdown: false, dead: false };
  return [{ ...way, interfaceIndex: loopbackIndex }];
}

/** rt6_score_route(): the interface weighs less than the router's preference; null when it does not fit at all. */
function scoreOf(route: CoveringRoute, way: RouteWay, flow: Flow): number | null {
  if (way.dead) return null;
  const fits = flow.preferred === 0 || way.interfaceIndex === flow.preferred;
  if (!fits && flow.strict && flow.preferred !== 0) return null;
  const preference = route.pref === "high" ? 3 : route.pref === "low" ? 1 : 2;
  return (preference << 2) | (fits ? 2 : 0);
}

/** fib6_select_path(): the ways of a multipath route share, unless the packet is held to an interface. */
function waysOf(route: CoveringRoute, way: RouteWay, flow: Flow): readonly RouteWay[] {
  if (route.nexthopId !== null) return route.ways.filter(({ dead }) => !dead);
  return route.ways.filter((one) => one === way || scoreOf(route, one, flow) !== null);
}

function unfit(
  route: CoveringRoute,
  flow: Flow,
  links: ReadonlyMap<number, RoutingLink>,
): string | null {
  if (route.expired) return "its lifetime is over";
  const ways = waysToTry(route);
  const [first] = ways;
  if (first === undefined) return "leads nowhere";
  if (ways.some((way) => scoreOf(route, way, flow) !== null)) return null;
  if (first.dead && first.linkdown) return "has no carrier, and is set to be passed over then";
  if (first.dead) return "its link is down";
  return `leaves ${wayText({ ...first, gateway: null }, links)}, and the packet is bound to ${links.get(flow.preferred)?.name ?? flow.preferred}`;
}

function winOf(route: CoveringRoute): string {
  if (route.type === "throw") return "sends the packet back to the rules";
  return refusalOf(route.type) === null ? "chosen" : "refuses the packet";
}

function loss(chosen: Candidate | null, route: CoveringRoute, flow: Flow): string {
  if (chosen === null) return "does not fit";
  const other = chosen.route;
  if (route.metric > other.metric) return "its metric is higher";
  if (route.pref !== other.pref) return "its router preference is lower";
  const preferred =
    flow.preferred !== 0 &&
    other.ways.some(({ interfaceIndex }) => interfaceIndex === flow.preferred);
  return preferred ? "the other leaves by the packet's interface" : "an equal one comes first";
}

function lossOf(chosen: CoveringRoute, route: CoveringRoute): string {
  if (route.prefix.length < chosen.prefix.length) return "its prefix is shorter";
  return chosen.sourcePrefix === null
    ? "an equal one comes first"
    : "one for the packet's source comes first";
}
