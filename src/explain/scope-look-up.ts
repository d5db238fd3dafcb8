import type { Packet } from "../network/packet.ts";
import type { CoveringRoute, RoutingLink } from "../platform/route-inquiry.ts";
import { type Decision, type LookUp, refusalOf, type Step } from "./decision.ts";

type Links = ReadonlyMap<number, RoutingLink>;

/** What of a family's table decides about a packet. */
export interface ScopedView {
  /** The routes that cover the destination, scoped ones among them. */
  readonly routes: readonly CoveringRoute[];
  /** The routes that cover 0.0.0.0 or ::, of whatever length: XNU takes each for a default. */
  readonly defaults: readonly CoveringRoute[];
  readonly links: Links;
}

/**
 * Looks up as XNU does (rt_lookup_common, bsd/net/route.c): the longest unscoped prefix counts when it leaves by the
 * wanted interface; that is the one the packet is bound to, else the route's own. A scoped route of that interface
 * comes before it, unless the unscoped one is about fewer destinations. In the end the unscoped default is tried, and
 * for that XNU takes the longest prefix over 0.0.0.0.
 */
export function lookUpByScope({ routes, defaults, links }: ScopedView, packet: Packet): LookUp {
  const ordered = routes.toSorted(longestFirst);
  const unscoped = ordered.find(({ scope }) => scope === null) ?? null;
  const lastResort = defaults.toSorted(longestFirst).find(({ scope }) => scope === null) ?? null;
  // Unbound packets for which there is no unscoped route go by the interface of the default that was added last.
  const wanted = packet.boundTo ?? exitOf(unscoped ?? lastResort);
  const isWanted = (route: CoveringRoute | null): boolean => exitOf(route) === wanted;
  const counts = isWanted(unscoped) || isOwn(unscoped, packet, wanted, links);
  const scoped = ordered.find(({ scope }) => scope !== null && scope === wanted) ?? null;
  const kept = unscoped !== null && counts ? unscoped : null;
  const fitting = scoped === null || isNarrower(kept, scoped) ? kept : scoped;
  const stays = unscoped !== null && staysHere(unscoped, links) ? unscoped : null;
  const found = stays ?? fitting ?? (isWanted(lastResort) ? lastResort : null);
  const shown = found === null || ordered.includes(found) ? ordered : [found, ...ordered];
  const steps: Step[] = [
    ...noteOf(packet, wanted, links),
    ...shown.map((route): Step => {
      if (route === found) return { kind: "route", route, chosen: true, why: winOf(route) };
      const why = lossOf(route, found, packet, wanted, links);
      return { kind: "route", route, chosen: false, why };
    }),
  ];
  return conclude(found, steps);
}

function longestFirst(a: CoveringRoute, b: CoveringRoute): number {
  return b.prefix.length - a.prefix.length;
}

function conclude(found: CoveringRoute | null, steps: readonly Step[]): LookUp {
  if (found === null) {
    const why = "no route takes the packet";
    const decision: Decision = {
      kind: "refused",
      code: "ENETUNREACH",
      rule: null,
      route: null,
      why,
    };
    return { steps: [...steps, { kind: "note", why }], decision };
  }
  const code = refusalOf(found.type);
  if (code !== null) {
    const why = `${found.prefix.text} says ${found.type}`;
    return { steps, decision: { kind: "refused", code, rule: null, route: found, why } };
  }
  const { ways } = found;
  return { steps, decision: { kind: "route", rule: null, route: found, ways, equals: [] } };
}

function exitOf(route: CoveringRoute | null): number | null {
  return route?.ways[0]?.interfaceIndex ?? null;
}

/** A route over the loopback interface that is no gateway's: an address of this host. */
function staysHere(route: CoveringRoute, links: Links): boolean {
  const [way] = route.ways;
  return way?.gateway === null && links.get(way.interfaceIndex)?.kind === "loopback";
}

/** Bound to the loopback interface, a host still reaches its own addresses. */
function isOwn(
  route: CoveringRoute | null,
  packet: Packet,
  wanted: number | null,
  links: Links,
): boolean {
  return links.get(wanted ?? 0)?.kind === "loopback" && route?.source === packet.destination;
}

/** Whether the unscoped route is about a net or host of its own, and the scoped one about everything or a net. */
function isNarrower(unscoped: CoveringRoute | null, scoped: CoveringRoute): boolean {
  if (unscoped === null) return false;
  if (isDefaultLike(scoped) && !isDefaultLike(unscoped)) return true;
  return !scoped.isHost && unscoped.isHost;
}

/** XNU takes every route to 0.0.0.0 or ::, of whatever length, for a default (SA_DEFAULT). */
function isDefaultLike({ prefix }: CoveringRoute): boolean {
  return prefix.bytes.every((byte) => byte === 0);
}

function noteOf({ boundTo }: Packet, wanted: number | null, links: Links): readonly Step[] {
  if (boundTo !== null || wanted === null) return [];
  const name = links.get(wanted)?.name ?? `interface ${wanted}`;
  return [{ kind: "note", why: `an unbound packet is looked up as for ${name}` }];
}

function winOf(route: CoveringRoute): string {
  return refusalOf(route.type) === null ? "chosen" : "refuses the packet";
}

function lossOf(
  route: CoveringRoute,
  chosen: CoveringRoute | null,
  { boundTo }: Packet,
  wanted: number | null,
  links: Links,
): string {
  const name = (index: number | null): string =>
    index === null ? "nothing" : (links.get(index)?.name ?? `interface ${index}`);
  if (route.scope !== null && route.scope !== wanted)
    return `only for what is bound to ${name(route.scope)}`;
  if (boundTo !== null && exitOf(route) !== boundTo)
    return `leaves by ${name(exitOf(route))}, and the packet is bound to ${name(boundTo)}`;
  if (chosen === null) return "does not fit";
  if (chosen.prefix.length > route.prefix.length) return "its prefix is shorter";
  return chosen.scope === null ? "another one comes first" : "a scoped route comes first";
}
