import { AF, IFF, RTF } from "../../../src/wire/pfroute/constants.ts";
import type { Kernel } from "./kernel.ts";
import { hasFlag, isDefault, maskFrom, type RouteEntry, type RouteMask } from "./route-entry.ts";
import { matchEntry } from "./route-table.ts";
import {
  equalBytes,
  inTableForm,
  type ScopedAddress,
  scopedAddressOf,
  type TableFamily,
  withoutScope,
} from "./socket-address.ts";

/** The bit that XNU uses for routes under its own timer is the one of RTF_PROTO3 (RTPRF_OURS). */
const underTimer = RTF.PROTO3;

/** One search in the tree: scope 0 finds unscoped entries, any other only scoped ones of that interface. */
function search(
  kernel: Kernel,
  address: ScopedAddress,
  netmask: Uint8Array | null,
  scope: number,
): RouteEntry | null {
  const key = scope === 0 ? withoutScope(address) : inTableForm(address, scope);
  const mask: RouteMask | null = netmask === null ? null : maskFrom(netmask, address.family, scope);
  return matchEntry(kernel.tables[address.family], key, mask, scope);
}

/**
 * The route that the kernel takes for a destination. Without a scope it is that of the primary interface (of
 * the unscoped default): so a scoped route of that interface hides the unscoped one.
 *
 * @param scope an interface index, or 0
 * @param coarse the unscoped result, whatever a scoped search would find
 */
export function lookUpRoute(
  kernel: Kernel,
  destination: ScopedAddress,
  netmask: Uint8Array | null,
  scope: number,
  coarse = false,
): RouteEntry | null {
  const { family } = destination;
  const address = inTableForm(destination, scope);
  const unscopedRequest = address.scope === 0;
  let wanted = unscopedRequest ? kernel.primaryScope[family] : address.scope;
  const unscoped = search(kernel, address, netmask, 0);
  let fallback = unscoped;
  let found = unscoped;
  if (unscoped !== null && !staysOnHost(unscoped)) {
    if (unscoped.interface.index !== wanted) {
      found = null;
      if (unscopedRequest) wanted = unscoped.interface.index;
      else if (wanted !== kernel.loopback.index || !isOwnAddress(unscoped, address))
        fallback = null;
    } else if (!hasFlag(unscoped, RTF.IFSCOPE)) found = null;
  }
  if (found === null) found = search(kernel, address, netmask, wanted);
  if (found === null || coarse || isMoreSpecific(fallback, found)) found = fallback;
  if (found === null) {
    found = search(kernel, defaultOf(family), null, 0);
    if (found !== null && found.interface.index !== wanted) found = null;
  }
  return found === null ? null : validate(found);
}

/** The route for a sockaddr as the sender gave it. */
export function lookUpSockaddr(
  kernel: Kernel,
  sockaddr: Uint8Array,
  scope: number,
): RouteEntry | null {
  return lookUpRoute(kernel, scopedAddressOf(sockaddr), null, scope);
}

/** The key of the default of a family. */
export function defaultOf(family: TableFamily): ScopedAddress {
  return { family, bytes: new Uint8Array(family === AF.INET ? 4 : 16), scope: 0 };
}

function staysOnHost(entry: RouteEntry): boolean {
  return (entry.interface.flags & IFF.LOOPBACK) !== 0 && !hasFlag(entry, RTF.GATEWAY);
}

function isOwnAddress(entry: RouteEntry, address: ScopedAddress): boolean {
  return equalBytes(scopedAddressOf(entry.address.sockaddr).bytes, address.bytes);
}

/** Whether the unscoped result names a net or host of its own while the scoped one is a default or a net. */
function isMoreSpecific(unscoped: RouteEntry | null, scoped: RouteEntry): boolean {
  if (unscoped === null) return false;
  if (isDefault(scoped.key) && !isDefault(unscoped.key)) return true;
  return !hasFlag(scoped, RTF.HOST) && hasFlag(unscoped, RTF.HOST);
}

/** A look-up takes a route that nobody refers to off the timer, and RTF_PROTO3 with it. */
function validate(entry: RouteEntry): RouteEntry | null {
  if (!hasFlag(entry, RTF.UP) || hasFlag(entry, RTF.CONDEMNED)) return null;
  if (entry.references === 0 && hasFlag(entry, underTimer)) {
    entry.flags &= ~underTimer;
    entry.metrics.expire = 0;
  }
  return entry;
}
