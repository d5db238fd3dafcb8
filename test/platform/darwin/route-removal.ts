import { RTF } from "../../../src/wire/pfroute/constants.ts";
import type { Kernel } from "./kernel.ts";
import { forgetLink } from "./link-resolution.ts";
import {
  applyMask,
  hasFlag,
  isCloning,
  isDefault,
  maskFrom,
  type RouteEntry,
} from "./route-entry.ts";
import { removeEntry } from "./route-table.ts";
import { equalBytes, inTableForm, type ScopedAddress } from "./socket-address.ts";

/** RTM_DELETE without its answer; null when there is none. The gateway is not compared, host bits are. */
export function deleteRoute(
  kernel: Kernel,
  destination: ScopedAddress,
  netmask: Uint8Array | null,
  flags: number,
  scope: number,
): RouteEntry | null {
  const key = inTableForm(destination, scope);
  const maskless = netmask === null || (flags & RTF.HOST) !== 0;
  const mask = maskless ? null : maskFrom(netmask, key.family, key.scope);
  const entry = removeEntry(kernel.tables[key.family], key, mask);
  if (entry !== null) retire(kernel, entry);
  return entry;
}

/** Takes this very entry out of the table, as `deleteRoute` does. */
export function deleteEntry(kernel: Kernel, entry: RouteEntry): void {
  if (removeEntry(kernel.tables[entry.key.family], entry.key, entry.mask) === entry)
    retire(kernel, entry);
}

function retire(kernel: Kernel, entry: RouteEntry): void {
  entry.flags = (entry.flags & ~(RTF.UP | RTF.ROUTER)) | RTF.CONDEMNED;
  if (isCloning(entry) && entry.mask !== null)
    for (const clone of [...kernel.tables[entry.key.family].entries])
      if (clone.parent === entry && !isCloning(clone)) deleteEntry(kernel, clone);
  forgetLink(kernel, entry);
  if (isDefault(entry.key) && !hasFlag(entry, RTF.IFSCOPE))
    kernel.primaryScope[entry.key.family] = 0;
  kernel.trash.add(entry);
  setGatewayRoute(kernel, entry, null, entry.key);
  if (entry.references === 0) free(kernel, entry);
}

/** Nobody refers to an entry outside the table any more. */
function free(kernel: Kernel, entry: RouteEntry): void {
  kernel.trash.delete(entry);
  if (entry.parent !== null) release(kernel, entry.parent);
  entry.parent = null;
}

/** Gives up one reference. */
export function release(kernel: Kernel, entry: RouteEntry): void {
  entry.references -= 1;
  if (entry.references === 0 && !hasFlag(entry, RTF.UP)) free(kernel, entry);
}

/** Holds another route as the way to the gateway, and marks it as that of a router where it is. */
export function setGatewayRoute(
  kernel: Kernel,
  entry: RouteEntry,
  route: RouteEntry | null,
  destination: ScopedAddress,
): void {
  const before = entry.gatewayRoute;
  if (route !== null) route.references += 1;
  entry.gatewayRoute = route;
  if (before !== null) release(kernel, before);
  if (route === null || !hasFlag(route, RTF.HOST)) return;
  const from = hasFlag(entry, RTF.WASCLONED) ? entry.parent : entry;
  const key = from === entry ? destination : from?.key;
  if (from !== null && key !== undefined && isDefault(key) && !hasFlag(from, RTF.HOST))
    route.flags |= RTF.ROUTER;
}

/** Clones of a route that has changed, or that it would now be chosen for, are dropped without a message. */
export function dropStaleClones(kernel: Kernel, entry: RouteEntry): void {
  if (hasFlag(entry, RTF.HOST) || entry.mask === null) return;
  for (const clone of [...kernel.tables[entry.key.family].entries]) {
    if (clone.parent === null || isCloning(clone)) continue;
    if (clone.parent === entry || wouldCover(entry, clone)) deleteEntry(kernel, clone);
  }
}

function wouldCover(entry: RouteEntry, clone: RouteEntry): boolean {
  const { mask } = entry;
  const before = clone.parent?.mask ?? null;
  if (mask === null) return false;
  if (before !== null) {
    const narrower = before.bytes.every((byte, at) => (byte & (mask.bytes[at] ?? 0)) === byte);
    if (!narrower || (before.scope & mask.scope) !== before.scope) return false;
  }
  const masked = applyMask(clone.key, mask);
  return masked.scope === entry.key.scope && equalBytes(masked.bytes, entry.key.bytes);
}
