import { type IpFamily, ipFamilies } from "../network/address.ts";
import type { NetworkInterface } from "../network/interface.ts";
import { type DefaultRoute, interfacesOfRoute } from "../network/route.ts";
import type { ForeignScoped, PinnedHost, RouteTraits } from "../platform/route-control.ts";
import { hasAddress } from "./connected-prefix.ts";
import { isExpired, isWholeDefault } from "./default-comparison.ts";
import { chooseGateway, type GatewayChoice, hasUnscopedDefault } from "./gateway-choice.ts";
import { type CarrierHistory, rememberedGateway } from "./gateway-memory.ts";
import type { JournalState } from "./journal/journal-state.ts";

/** What the configuration and the user say of scoped defaults. */
export interface ScopedPolicy {
  /** Every uplink, or the interfaces whose names are accepted; nobody's for a function that refuses all. */
  readonly scoped: "auto" | ((name: string) => boolean);
  readonly families: readonly IpFamily[];
  /** Replies of unbound listeners leave by the interface that was asked, too. */
  readonly replies: boolean;
  /** By interface name: what a user asked for by hand. It goes before the configuration. */
  readonly byHand: ReadonlyMap<string, "install" | "remove">;
  /** By interface name, the families that a lease asks for; it goes before everything else. */
  readonly leased?: ReadonlyMap<string, ReadonlySet<IpFamily>>;
}

/** What wishes follow from, read at one time. */
export interface UplinkEvidence {
  readonly interfaces: ReadonlyMap<number, NetworkInterface>;
  /** Every unscoped default of both families, of every table. */
  readonly routes: readonly DefaultRoute[];
  /** Defaults that the journal knows to have stood, of both families, over the interfaces of now. */
  readonly recorded: readonly DefaultRoute[];
  readonly pinnedHosts: readonly PinnedHost[];
  /** Scoped defaults of others, of both families. */
  readonly foreignScoped: readonly ForeignScoped[];
  readonly scopedAre: RouteTraits["scoped"];
  /** The protocol of our own: what we have put there ourselves makes no uplink of an interface. */
  readonly tag: string;
  /** Over which interfaces defaults of ours shall stand, of both families. */
  readonly wished: readonly { readonly family: IpFamily; readonly interfaces: readonly number[] }[];
  readonly journal: JournalState;
  readonly carriers: CarrierHistory;
  /** In ms since the epoch. */
  readonly now: number;
  readonly uptimeMs: number;
}

/** A scoped default that shall stand, as soon as its gateway is known. */
export interface ScopedWish {
  readonly family: IpFamily;
  readonly link: NetworkInterface;
  /** Null when no source knows a gateway. */
  readonly choice: GatewayChoice | null;
  readonly replies: boolean;
  /** Only a lease asks for it. */
  readonly leased: boolean;
}

/** Which interfaces shall have a scoped default, and by which gateway; ordered by interface index. */
export function wishScoped(policy: ScopedPolicy, evidence: UplinkEvidence): readonly ScopedWish[] {
  const links = [...evidence.interfaces.values()].toSorted((a, b) => a.index - b.index);
  return ipFamilies.flatMap((family) =>
    links.flatMap((link): readonly ScopedWish[] => {
      const isLeased = policy.leased?.get(link.name)?.has(family) === true;
      const routes = evidence.routes.filter(
        (route) => route.family === family && route.protocol !== evidence.tag,
      );
      const remembered = rememberedGateway(
        link,
        family,
        evidence.journal,
        evidence.carriers,
        evidence.uptimeMs,
      );
      const recorded = evidence.recorded.filter((route) => route.family === family);
      const { pinnedHosts, foreignScoped, now, uptimeMs } = evidence;
      const hasForeign = foreignScoped.some(
        (one) => one.family === family && one.interfaceIndex === link.index,
      );
      const wasUplink = remembered !== null && remembered.leased !== true;
      const isUplink = wasUplink || hasForeign || hasUnscopedDefault(link, routes, now);
      const stood = recorded.some((route) => interfacesOfRoute(route).includes(link.index));
      const isAsked =
        policy.families.includes(family) &&
        isWished(policy, link, isUplink || (stood && hasAddress(link, family))) &&
        isNeeded(policy, link, family, hasForeign, evidence);
      if (!isAsked && !isLeased) return [];
      const choice = chooseGateway(link, family, {
        recorded,
        routes,
        foreignScoped,
        remembered,
        pinnedHosts,
        now,
        uptimeMs,
      });
      const known = choice ?? (isLeased ? tunnelItself(link, uptimeMs) : null);
      return [{ family, link, choice: known, replies: policy.replies, leased: !isAsked }];
    }),
  );
}

/** A tunnel has no neighbours: whoever leases it means the link itself. */
function tunnelItself({ kind }: NetworkInterface, uptimeMs: number): GatewayChoice | null {
  if (kind !== "tunnel") return null;
  const nothing = { gateway: null, onlink: false, source: null, mtu: null, nexthops: [] };
  return { from: "default", ...nothing, sinceUptimeMs: uptimeMs, untilUptimeMs: null };
}

function isWished(policy: ScopedPolicy, link: NetworkInterface, isUplink: boolean): boolean {
  const asked = policy.byHand.get(link.name);
  if (asked !== undefined) return asked === "install";
  if (link.kind === "loopback") return false;
  if (policy.scoped !== "auto") return policy.scoped(link.name);
  return link.kind !== "tunnel" && isUplink;
}

/**
 * Where a scoped default is a route, unscoped packets prefer that of the interface which holds the unscoped one, and
 * without any harm nobody needs it there: so it gets one only while something hides its default from the sockets
 * bound to it. An interface that had the default and lost it to another uplink keeps none either: the system makes
 * one itself, if it wants it.
 */
function isNeeded(
  policy: ScopedPolicy,
  link: NetworkInterface,
  family: IpFamily,
  hasForeign: boolean,
  evidence: UplinkEvidence,
): boolean {
  if (evidence.scopedAre === "rules" || policy.byHand.get(link.name) === "install") return true;
  const routes = evidence.routes.filter((route) => route.family === family);
  const isWishedElsewhere = evidence.wished.some(
    (one) => one.family === family && !one.interfaces.includes(link.index),
  );
  if (isWishedElsewhere || isHidden(link, routes, evidence)) return true;
  const holds = hasUnscopedDefault(link, routes, evidence.now);
  return !holds && (hasForeign || policy.scoped !== "auto");
}

/** A tunnel has the default, or a longer route over another interface goes before it. */
function isHidden(
  link: NetworkInterface,
  routes: readonly DefaultRoute[],
  { interfaces, now }: UplinkEvidence,
): boolean {
  return routes.some((route) => {
    const ways = interfacesOfRoute(route);
    if (isExpired(route, now) || ways.includes(link.index)) return false;
    return !isWholeDefault(route) || ways.some((way) => interfaces.get(way)?.kind === "tunnel");
  });
}
