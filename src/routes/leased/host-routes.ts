import type { NetworkInterface } from "../../network/interface.ts";
import type { HostRoute, PinnedHost, RoutingReading } from "../../platform/route-control.ts";
import { isOnLink } from "../connected-prefix.ts";
import { identityOf } from "../journal/interface-identity.ts";
import type { JournalState } from "../journal/journal-state.ts";
import type { JournalFact } from "../journal/record.ts";
import type { HostStep } from "../step.ts";
import type { Uplink } from "./best-uplink.ts";
import { debtNames, type LeasedDefault } from "./leased-default.ts";

type HostFact = Extract<JournalFact, { readonly kind: "host-route" }>;

/** What the planning of routes to servers looks at. */
export interface HostRouteContext {
  readonly reading: Pick<RoutingReading, "ownHosts" | "pinnedHosts">;
  readonly journal: Pick<JournalState, "hostRoutes">;
  readonly interfaces: ReadonlyMap<number, NetworkInterface>;
  readonly uplinkOf: (family: LeasedDefault["family"]) => Uplink | null;
  /** After a journal was lost: what stands with our mark and is in no record goes, too. */
  readonly removeOrphans: boolean;
}

export interface HostRoutePlan {
  /** Before the defaults that would carry the packets of a tunnel into itself. */
  readonly adds: readonly HostStep[];
  /** After them. */
  readonly removals: readonly HostStep[];
}

/**
 * Routes to the servers of tunnels, by the uplink of now: a server that is a neighbour needs none, nor one that
 * somebody else's route leads to just so. Where the reading does not tell which stand, the journal's word counts. Pure.
 */
export function planHostRoutes(
  leased: readonly LeasedDefault[],
  context: HostRouteContext,
): HostRoutePlan {
  const { journal, reading, interfaces } = context;
  const { pinnedHosts = [] } = reading;
  const wanted = leased.flatMap((one) =>
    one.endpoints.flatMap((destination): readonly (readonly [LeasedDefault, HostRoute])[] => {
      const uplink = context.uplinkOf(one.family);
      if (uplink === null || isNeighbour(destination, one, interfaces)) return [];
      return [[one, { family: one.family, destination, ...uplink }]];
    }),
  );
  const recorded = journal.hostRoutes.map((record) => ({ record, host: hostOf(record) }));
  const standing = reading.ownHosts ?? recorded.map(({ host }) => host);
  const adds = wanted.flatMap(([one, host], at): readonly HostStep[] => {
    const isFirst = wanted.findIndex(([, other]) => isSameHost(other, host)) === at;
    const isRecorded = recorded.some((known) => isSameHost(known.host, host));
    if (!isFirst || (isRecorded && standing.some((known) => isSameHost(known, host)))) return [];
    if (!isRecorded && pinnedHosts.some((known) => isSameHost(known, host))) return [];
    const link = interfaces.get(host.interfaceIndex);
    if (link === undefined) return [];
    const fact = factOf(host, link, "intent");
    const reason = `${describeHost(host, interfaces)}: the server of ${one.interfaceName}`;
    return [{ kind: "add-host", debt: debtNames(one).main, host, fact, reason }];
  });
  const isWanted = (host: HostRoute): boolean => wanted.some(([, one]) => isSameHost(one, host));
  const orphans = context.removeOrphans
    ? standing.filter((host) => !recorded.some((known) => isSameHost(known.host, host)))
    : [];
  const gone = [
    ...recorded.map(({ record, host }) => ({ host, fact: endOf(record) })),
    ...orphans.map((host) => ({ host, fact: null })),
  ].filter(({ host }) => !isWanted(host));
  return {
    adds,
    removals: gone.map(({ host, fact }) => {
      const reason = `${describeHost(host, interfaces)}: netwatch's own, and nobody asks for it any more`;
      return { kind: "remove-host", host, fact, reason };
    }),
  };
}

function isNeighbour(
  destination: string,
  { family, interfaceName }: LeasedDefault,
  interfaces: ReadonlyMap<number, NetworkInterface>,
): boolean {
  return [...interfaces.values()].some(
    (link) => link.up && link.name !== interfaceName && isOnLink(destination, link, family),
  );
}

function isSameHost(a: PinnedHost | HostRoute, b: PinnedHost | HostRoute): boolean {
  return (
    a.family === b.family &&
    a.destination === b.destination &&
    a.gateway === b.gateway &&
    a.interfaceIndex === b.interfaceIndex
  );
}

function hostOf({ family, destination, gateway, interface: link }: HostFact): HostRoute {
  return { family, destination, gateway, interfaceIndex: link.index, onlink: false };
}

function factOf(host: HostRoute, link: NetworkInterface, state: HostFact["state"]): HostFact {
  const { family, destination, gateway } = host;
  return {
    kind: "host-route",
    family,
    destination,
    gateway,
    interface: { ...identityOf(link) },
    state,
  };
}

function endOf({
  family,
  destination,
  gateway,
  interface: { index, name, mac, kind },
  protocol,
}: HostFact): HostFact {
  return {
    kind: "host-route",
    family,
    destination,
    gateway,
    interface: { index, name, mac, kind },
    ...(protocol === undefined ? {} : { protocol }),
    state: "removed",
  };
}

function describeHost(
  { destination, gateway, interfaceIndex }: HostRoute,
  interfaces: ReadonlyMap<number, Pick<NetworkInterface, "name">>,
): string {
  const by = gateway === null ? "" : ` via ${gateway}`;
  const name = interfaces.get(interfaceIndex)?.name ?? `interface ${interfaceIndex}`;
  return `${destination}${by} dev ${name}`;
}
