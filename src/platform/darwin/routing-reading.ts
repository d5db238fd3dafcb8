import { type IpFamily, ipFamilies } from "../../network/address.ts";
import type { NetworkInterface } from "../../network/interface.ts";
import type {
  ForeignScoped,
  FoundScoped,
  HostRoute,
  Obstacle,
  PinnedHost,
  RecordedDefault,
  RoutingReading,
} from "../../platform/route-control.ts";
import { RTF } from "../../wire/pfroute/constants.ts";
import type { RouteMessage } from "../../wire/pfroute/message.ts";
import { recordOf } from "./default-record.ts";
import { hostRouteOf } from "./host-route-change.ts";
import { readHostRoutes } from "./host-table.ts";
import { readAllInterfaces } from "./interface-reading.ts";
import { isScoped, isToZero, translateRoute } from "./route-translation.ts";
import { type ScopedChanger, scopedName } from "./scoped-change.ts";
import { isScopedDefault, isTagged, readScopedDefault, scopedEntry } from "./scoped-reading.ts";
import { readShortEntries } from "./short-table.ts";

/**
 * Reads the scoped defaults that are ours or adopted, the unscoped ones with the kernel's bytes, and what stands in
 * the way of ours.
 *
 * @throws PlatformError; what the ports throw; the signal's reason
 */
export async function readRouting(
  changer: ScopedChanger,
  signal: AbortSignal,
): Promise<RoutingReading> {
  const interfaces = readAllInterfaces(changer.interfaces);
  const scoped: FoundScoped[] = [];
  const foreignScoped: ForeignScoped[] = [];
  const defaults: RecordedDefault[] = [];
  const obstacles: Obstacle[] = [];
  const ownHosts: HostRoute[] = [];
  const pinnedHosts: PinnedHost[] = [];
  for (const family of ipFamilies) {
    const entries = await readShortEntries(changer.sysctl, family, "whole", signal);
    const messages = entries.map(({ message }) => message);
    defaults.push(...entries.flatMap((entry) => recordOf(entry) ?? []));
    const { found, foreign } = await readScoped(changer, family, messages, interfaces, signal);
    const ways = new Set(found.map(({ entry }) => entry.interfaceIndex));
    obstacles.push(...messages.flatMap((each) => obstacleOf(each, family, interfaces, ways) ?? []));
    scoped.push(...found);
    foreignScoped.push(...foreign);
    for (const message of readHostRoutes(changer.sysctl, family)) {
      const host = hostRouteOf(message);
      if (host === null) continue;
      const { destination, gateway, interfaceIndex } = host;
      if (isTagged(message, changer.tag)) ownHosts.push(host);
      else if (gateway !== null) pinnedHosts.push({ family, destination, gateway, interfaceIndex });
    }
  }
  return { scoped, defaults, obstacles, foreignScoped, ownHosts, pinnedHosts };
}

/**
 * The table tells how many there are, and a look-up for each interface which: first for those that the table shows
 * them over, then for the others until all are found.
 */
async function readScoped(
  changer: ScopedChanger,
  family: IpFamily,
  messages: readonly RouteMessage[],
  interfaces: ReadonlyMap<number, NetworkInterface>,
  signal: AbortSignal,
): Promise<{ readonly found: readonly FoundScoped[]; readonly foreign: readonly ForeignScoped[] }> {
  const listed = messages.filter(isScopedDefault);
  const shown = new Set(listed.map(({ index }) => index));
  const links = [...interfaces.values()];
  const inTurn = [
    ...links.filter(({ index }) => shown.has(index)),
    ...links.filter(({ index }) => !shown.has(index)),
  ];
  let left = listed.length;
  const found: FoundScoped[] = [];
  const foreign: ForeignScoped[] = [];
  for (const link of inTurn) {
    if (left === 0) break;
    const message = await readScopedDefault(changer, family, link.index, signal);
    if (message === null) continue;
    left -= 1;
    // Over another interface than its own it was moved there by somebody's unscoped RTM_CHANGE.
    const complete = message.index === link.index;
    const entry = scopedEntry(message, family, link);
    const isOurs = isTagged(message, changer.tag);
    if (isOurs || changer.adopted.has(scopedName(family, link.index)))
      found.push(complete ? { entry, complete } : { entry, complete, hijackedOver: message.index });
    if (!isOurs && complete)
      foreign.push({ family, interfaceIndex: link.index, gateway: entry.gateway });
  }
  found.sort((a, b) => a.entry.interfaceIndex - b.entry.interfaceIndex);
  return { found, foreign };
}

/**
 * A route that refuses, and that sockets bound to an interface meet before its scoped default: one that stays on
 * the host, or one of the interface itself unless it is to 0.0.0.0 or :: (bsd/net/route.c: rt_lookup_common()). Any
 * other they pass by.
 *
 * @param ways the interfaces with a scoped default of ours
 */
function obstacleOf(
  message: RouteMessage,
  family: IpFamily,
  interfaces: ReadonlyMap<number, NetworkInterface>,
  ways: ReadonlySet<number>,
): Obstacle | null {
  const route = isScoped(message) ? null : translateRoute(message);
  if (route === null || route.type === "unicast") return null;
  const link = interfaces.get(message.index);
  const onHost = link?.kind === "loopback";
  const catches = onHost
    ? (message.flags & RTF.GATEWAY) === 0
    : !isToZero(message) && ways.has(message.index);
  if (!catches) return null;
  const where = link === undefined ? "" : ` over ${link.name}`;
  return {
    kind: "shadowed",
    family,
    preference: 0,
    by: `the ${route.type} route to ${route.prefix}${where}`,
    remedy: "remove that route, or whatever made it",
  };
}
