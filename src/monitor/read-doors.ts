import type { NetworkState } from "../network/state.ts";
import type { Platform, ReadScope } from "../platform/platform.ts";
import { applyReading, type NetworkChange } from "./apply-reading.ts";
import type { Doors } from "./pending-doors.ts";
import { familiesAtRisk, familiesOver } from "./silent-loss.ts";

/**
 * Reads what rang, and the defaults that may have gone silently with it, so that one publication tells both.
 * That takes a second read only where the first shows a loss that nothing pointed to.
 */
export async function readDoors(
  platform: Platform,
  doors: Doors,
  known: NetworkState,
  signal: AbortSignal,
): Promise<NetworkChange> {
  const scope = scopeOf(doors, known);
  const reading = await platform.read(scope, signal);
  const first = applyReading(known, reading);
  if (scope.kind === "all" || first.changed.size === 0) return first;
  const atRisk = familiesAtRisk(known.interfaces, first.network.interfaces, first.changed);
  const defaults = new Set([...atRisk].filter((family) => !scope.defaults.has(family)));
  if (defaults.size === 0) return first;
  const rest: ReadScope = { kind: "doors", interfaces: new Set(), defaults };
  const { network } = applyReading(first.network, await platform.read(rest, signal));
  return { network, changed: first.changed };
}

// Above this many interfaces one dump is cheaper than a request for each, if they are most of all.
const manyInterfaces = 64;

function scopeOf(doors: Doors, known: NetworkState): ReadScope {
  const { interfaces } = doors;
  const many = interfaces.size > manyInterfaces && interfaces.size * 2 > known.interfaces.size;
  if (doors.full !== null || many) return { kind: "all" };
  const over = familiesOver(known, interfaces);
  const defaults = new Set([...doors.defaults, ...doors.expired, ...over]);
  return { kind: "doors", interfaces, defaults };
}
