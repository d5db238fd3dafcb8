import type { NetworkState } from "../network/state.ts";
import type { Platform } from "../platform/platform.ts";
import { applyReading } from "./apply-reading.ts";
import { type Doors, scopeOfDoors } from "./pending-doors.ts";
import { familiesAtRisk } from "./silent-loss.ts";

/**
 * Reads what rang, and then the defaults that may have gone silently with what was found there, so that one
 * publication tells both.
 */
export async function readDoors(
  platform: Platform,
  doors: Doors,
  known: NetworkState,
  signal: AbortSignal,
): Promise<NetworkState> {
  const scope = scopeOfDoors(doors, known.interfaces.size);
  const reading = await platform.read(scope, signal);
  const next = applyReading(known, reading);
  if (scope.kind === "all" || next.interfaces === known.interfaces) return next;
  const atRisk = familiesAtRisk(known.interfaces, next.interfaces, scope.interfaces);
  const defaults = new Set([...atRisk].filter((family) => !scope.defaults.has(family)));
  if (defaults.size === 0) return next;
  return applyReading(
    next,
    await platform.read({ kind: "doors", interfaces: new Set(), defaults }, signal),
  );
}
