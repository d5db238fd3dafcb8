import { AF, RTF } from "../../../src/wire/pfroute/constants.ts";
import { addressForRoute } from "./address-choice.ts";
import { Errno } from "./errno.ts";
import type { InterfaceAddress, Kernel } from "./kernel.ts";
import { isBroadcastAddress, resolveLink } from "./link-resolution.ts";
import {
  applyMask,
  hasFlag,
  isDefault,
  maskFrom,
  newMetrics,
  type RouteEntry,
  type RouteMask,
} from "./route-entry.ts";
import { defaultOf, lookUpRoute, lookUpSockaddr } from "./route-lookup.ts";
import { deleteEntry, dropStaleClones, release, setGatewayRoute } from "./route-removal.ts";
import { insertEntry } from "./route-table.ts";
import {
  equalBytes,
  familyOf,
  inTableForm,
  isTableFamily,
  type ScopedAddress,
  scopedAddressOf,
  setScope,
  sockaddrOf,
} from "./socket-address.ts";

/** The entry, or the errno of the refusal. */
export type RouteOutcome = RouteEntry | number;

/** RTM_ADD without its answer. */
export function addRoute(
  kernel: Kernel,
  destination: ScopedAddress,
  gateway: Uint8Array,
  netmask: Uint8Array | null,
  requestFlags: number,
  scope: number,
): RouteOutcome {
  const key = inTableForm(destination, scope);
  let flags = requestFlags & ~(RTF.GLOBAL | RTF.IFSCOPE);
  if (key.scope !== 0) flags |= RTF.IFSCOPE;
  const maskless = netmask === null || (flags & RTF.HOST) !== 0;
  const mask = maskless ? null : maskFrom(netmask, key.family, key.scope);
  const address = addressForRoute(kernel, flags, destination, gateway, key.scope);
  if (address === null) return Errno.ENETUNREACH;
  const entry = newEntry(key, mask, flags, gateway, address);
  const refused = setGateway(kernel, entry, key, gateway);
  if (refused !== Errno.OK) return refused;
  return insertRoute(kernel, entry, "add", destination);
}

/**
 * Points a route to a gateway: RTM_ADD's last check and the whole of RTM_CHANGE's first half.
 *
 * @returns an errno, 0 when the gateway is set
 */
export function setGateway(
  kernel: Kernel,
  entry: RouteEntry,
  destination: ScopedAddress,
  gateway: Uint8Array,
): number {
  if (hasFlag(entry, RTF.CONDEMNED)) return Errno.EBUSY;
  if (hasFlag(entry, RTF.GATEWAY)) {
    const refused = routeToGateway(kernel, entry, destination, gateway);
    if (refused !== Errno.OK) return refused;
  }
  entry.gateway = gateway.slice();
  const { gatewayRoute } = entry;
  if (gatewayRoute !== null && hasFlag(gatewayRoute, RTF.IFSCOPE))
    if (familyOf(gateway) === gatewayRoute.key.family)
      setScope(entry.gateway, gatewayRoute.key.scope);
  if (isInTable(kernel, entry)) dropStaleClones(kernel, entry);
  return Errno.OK;
}

function routeToGateway(
  kernel: Kernel,
  entry: RouteEntry,
  destination: ScopedAddress,
  gateway: Uint8Array,
): number {
  const host = hasFlag(entry, RTF.HOST);
  const itself =
    familyOf(gateway) === destination.family &&
    equalBytes(scopedAddressOf(gateway).bytes, destination.bytes);
  if (itself && !hasFlag(entry, RTF.LLINFO)) {
    // One that is only about to be added is in no table yet.
    if (host && isInTable(kernel, entry)) deleteEntry(kernel, entry);
    return Errno.EADDRNOTAVAIL;
  }
  const route = findOrClone(kernel, gateway, destination.scope);
  if (route === entry) return Errno.EADDRINUSE;
  if (
    destination.scope !== 0 &&
    hasFlag(entry, RTF.IFSCOPE) &&
    route !== null &&
    route.interface.index !== destination.scope
  )
    return host ? Errno.EHOSTUNREACH : Errno.ENETUNREACH;
  setGatewayRoute(kernel, entry, route, destination);
  if (isInTable(kernel, entry)) notePrimary(kernel, entry);
  return Errno.OK;
}

/**
 * The route to a gateway. A connected network clones one for the neighbour; a default does not for an
 * address behind itself.
 */
function findOrClone(kernel: Kernel, gateway: Uint8Array, scope: number): RouteEntry | null {
  if (!isTableFamily(familyOf(gateway))) return null;
  const route = lookUpSockaddr(kernel, gateway, scope);
  if (route === null || !hasFlag(route, RTF.CLONING)) return route;
  const clone = cloneRoute(kernel, route, scopedAddressOf(gateway));
  if (typeof clone === "number") return route;
  if (hasFlag(clone, RTF.HOST) && hasFlag(clone, RTF.LLINFO)) {
    const byDefault = lookUpRoute(kernel, defaultOf(clone.key.family), null, clone.interface.index);
    if (byDefault !== null && equalBytes(sockaddrOf(clone.key), byDefault.gateway))
      clone.flags |= RTF.ROUTER;
  }
  return clone;
}

function cloneRoute(kernel: Kernel, parent: RouteEntry, destination: ScopedAddress): RouteOutcome {
  if (hasFlag(parent, RTF.REJECT))
    return hasFlag(parent, RTF.HOST) ? Errno.EHOSTUNREACH : Errno.ENETUNREACH;
  let flags =
    (parent.flags & ~(RTF.CLONING | RTF.PRCLONING | RTF.STATIC)) | RTF.WASCLONED | RTF.HOST;
  const linkLocal =
    destination.family === AF.INET && destination.bytes[0] === 169 && destination.bytes[1] === 254;
  let scope = 0;
  if (linkLocal) flags = (flags & ~RTF.IFSCOPE) | RTF.NOIFREF;
  else {
    scope = hasFlag(parent, RTF.IFSCOPE) ? parent.key.scope : parent.interface.index;
    flags |= RTF.IFSCOPE;
  }
  const key = linkLocal ? { ...destination, scope: 0 } : inTableForm(destination, scope);
  const entry = newEntry(key, null, flags, parent.gateway, parent.address);
  const refused = setGateway(kernel, entry, key, parent.gateway);
  if (refused !== Errno.OK) return refused;
  Object.assign(entry.metrics, parent.metrics);
  entry.parent = parent;
  parent.references += 1;
  const outcome = insertRoute(kernel, entry, "clone", destination);
  if (typeof outcome === "number") release(kernel, parent);
  return outcome;
}

function newEntry(
  key: ScopedAddress,
  mask: RouteMask | null,
  flags: number,
  gateway: Uint8Array,
  address: InterfaceAddress,
): RouteEntry {
  return {
    key: applyMask(key, mask),
    mask,
    flags: flags | RTF.UP,
    gateway: gateway.slice(),
    interface: address.interface,
    address,
    parent: null,
    gatewayRoute: null,
    references: 0,
    hasLinkInformation: false,
    genmask: null,
    metrics: newMetrics(),
  };
}

/** Puts a finished entry into the table, in place of a cloned one if it must. */
function insertRoute(
  kernel: Kernel,
  entry: RouteEntry,
  event: "add" | "clone",
  destination: ScopedAddress,
): RouteOutcome {
  markAddressKind(entry);
  if (entry.metrics.mtu === 0) entry.metrics.mtu = entry.interface.mtu;
  if (
    !insertForNeighbour(kernel, entry) &&
    !(dropCloneInTheWay(kernel, entry, destination) && insertForNeighbour(kernel, entry))
  ) {
    setGatewayRoute(kernel, entry, null, entry.key);
    return Errno.EEXIST;
  }
  if (resolveLink(kernel, entry, event)) dropStaleClones(kernel, entry);
  notePrimary(kernel, entry);
  if (isDefault(entry.key) && event === "add" && !hasFlag(entry, RTF.HOST))
    entry.flags |= RTF.GLOBAL;
  if (event === "add") dropStaleClones(kernel, entry);
  return entry;
}

/** The kernel marks what an address is, and lets hosts be cloned from every route to a network. */
function markAddressKind(entry: RouteEntry): void {
  const [first = 0] = entry.key.bytes;
  const inet = entry.key.family === AF.INET;
  if (inet ? (first & 0xf0) === 0xe0 : first === 0xff) entry.flags |= RTF.MULTICAST;
  if (!hasFlag(entry, RTF.HOST | RTF.CLONING | RTF.MULTICAST)) entry.flags |= RTF.PRCLONING;
  if (!hasFlag(entry, RTF.HOST)) return;
  if (inet && isBroadcastAddress(entry.key.bytes, entry.interface)) entry.flags |= RTF.BROADCAST;
  else if (equalBytes(scopedAddressOf(entry.address.sockaddr).bytes, entry.key.bytes))
    entry.flags |= RTF.LOCAL;
}

/** Puts an entry into the table; a neighbour that was resolved gives way to a host route that was asked for. */
function insertForNeighbour(kernel: Kernel, entry: RouteEntry): boolean {
  const table = kernel.tables[entry.key.family];
  if (insertEntry(table, entry)) return true;
  if (!hasFlag(entry, RTF.HOST)) return false;
  const other = lookUpRoute(kernel, entry.key, null, entry.key.scope);
  const isNeighbour =
    other !== null &&
    hasFlag(other, RTF.LLINFO) &&
    hasFlag(other, RTF.HOST) &&
    familyOf(other.gateway) === AF.LINK;
  if (!isNeighbour) return false;
  deleteEntry(kernel, other);
  return insertEntry(table, entry);
}

/** A clone gives way to a route that somebody asked for. False when there is none to be found. */
function dropCloneInTheWay(kernel: Kernel, entry: RouteEntry, destination: ScopedAddress): boolean {
  const scoped = hasFlag(entry, RTF.IFSCOPE);
  const other = lookUpRoute(kernel, scoped ? destination : entry.key, null, entry.key.scope);
  if (other?.parent == null) return false;
  deleteEntry(kernel, other);
  return true;
}

export function notePrimary(kernel: Kernel, entry: RouteEntry): void {
  if (isDefault(entry.key) && !hasFlag(entry, RTF.IFSCOPE))
    kernel.primaryScope[entry.key.family] = entry.interface.index;
}

function isInTable(kernel: Kernel, entry: RouteEntry): boolean {
  return kernel.tables[entry.key.family].entries.includes(entry);
}
