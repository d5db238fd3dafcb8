import { RTF } from "../../../src/wire/pfroute/constants.ts";
import {
  applyMask,
  equalKeys,
  equalMasks,
  hasFlag,
  isDefault,
  type RouteEntry,
  type RouteMask,
  specificity,
} from "./route-entry.ts";
import { type ScopedAddress, sockaddrOf } from "./socket-address.ts";

/**
 * The entries of one family in the order of a dump: by key as it lies in memory, the most specific of equal
 * keys first.
 */
export interface RouteTable {
  readonly entries: RouteEntry[];
}

export function newRouteTable(): RouteTable {
  return { entries: [] };
}

/** Puts an entry in. False when one of this key and mask is there: gateways are not compared. */
export function insertEntry(table: RouteTable, entry: RouteEntry): boolean {
  // The tree's own root stands at the key 0 without a mask, so a default without a mask always "exists".
  if (entry.mask === null && isDefault(entry.key) && entry.key.scope === 0) return false;
  if (table.entries.some((other) => sameIdentity(other, entry.key, entry.mask))) return false;
  const at = table.entries.findIndex((other) => compareEntries(entry, other) < 0);
  table.entries.splice(at < 0 ? table.entries.length : at, 0, entry);
  return true;
}

/**
 * Takes the entry of this very key and mask out. Without a mask it is the most specific one of the key; the
 * unscoped defaults cannot be named that way, the tree's own root stands before them.
 */
export function removeEntry(
  table: RouteTable,
  key: ScopedAddress,
  mask: RouteMask | null,
): RouteEntry | null {
  if (mask === null && isDefault(key) && key.scope === 0) return null;
  const at = table.entries.findIndex((entry) =>
    mask === null ? equalKeys(entry.key, key) : sameIdentity(entry, key, mask),
  );
  return at < 0 ? null : (table.entries.splice(at, 1)[0] ?? null);
}

/**
 * The longest match of an address. Scope 0 finds what the address says; any other scope only scoped routes of
 * that interface. With a mask: that match, or a less specific one of the same key, if its mask is this one.
 */
export function matchEntry(
  table: RouteTable,
  address: ScopedAddress,
  mask: RouteMask | null,
  scope: number,
): RouteEntry | null {
  let best: RouteEntry | null = null;
  for (const entry of table.entries) {
    if (!equalKeys(applyMask(address, entry.mask), entry.key)) continue;
    if (scope !== 0 && !(hasFlag(entry, RTF.IFSCOPE) && entry.key.scope === scope)) continue;
    if (best === null || specificity(entry.mask) > specificity(best.mask)) best = entry;
  }
  if (best === null || mask === null) return best;
  const found = best;
  return (
    table.entries.find(
      (entry) =>
        equalKeys(entry.key, found.key) &&
        specificity(entry.mask) <= specificity(found.mask) &&
        equalMasks(entry.mask, mask),
    ) ?? null
  );
}

function sameIdentity(entry: RouteEntry, key: ScopedAddress, mask: RouteMask | null): boolean {
  return equalKeys(entry.key, key) && equalMasks(entry.mask, mask);
}

function compareEntries(left: RouteEntry, right: RouteEntry): number {
  const leftKey = sockaddrOf(left.key);
  const rightKey = sockaddrOf(right.key);
  const start = leftKey.length === 16 ? 4 : 8;
  for (let at = start; at < leftKey.length; at += 1) {
    const difference = (leftKey[at] ?? 0) - (rightKey[at] ?? 0);
    if (difference !== 0) return difference;
  }
  const difference = specificity(right.mask) - specificity(left.mask);
  return Number.isNaN(difference) ? 0 : difference;
}
