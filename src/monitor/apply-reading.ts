import { ipFamilies } from "../network/address.ts";
import type { NetworkInterface } from "../network/interface.ts";
import type { FamilyDefaults, NetworkState } from "../network/state.ts";
import type { Reading } from "../platform/platform.ts";
import { sameValue } from "./same-value.ts";

/**
 * The state after a reading. What reads the same stays the same object, so that a later comparison can skip
 * it, and the state itself is returned when nothing is different, lifetimes included.
 */
export function applyReading(state: NetworkState, reading: Reading): NetworkState {
  const interfaces = applyInterfaces(state.interfaces, reading);
  const [ipv4, ipv6] = ipFamilies.map((family): FamilyDefaults => {
    const known = state.defaults[family];
    const read = reading.defaults.get(family);
    return read === undefined || sameValue(known, read) ? known : read;
  }) as [FamilyDefaults, FamilyDefaults];
  if (
    interfaces === state.interfaces &&
    ipv4 === state.defaults.ipv4 &&
    ipv6 === state.defaults.ipv6
  )
    return state;
  return { interfaces, defaults: { ipv4, ipv6 } };
}

function applyInterfaces(
  known: ReadonlyMap<number, NetworkInterface>,
  reading: Reading,
): ReadonlyMap<number, NetworkInterface> {
  const changed = [...reading.interfaces].filter(
    ([index, read]) => !sameValue(known.get(index) ?? null, read),
  );
  const gone = reading.complete
    ? [...known.keys()].filter((index) => !reading.interfaces.has(index))
    : [];
  if (changed.length === 0 && gone.length === 0) return known;
  const next = new Map(known);
  for (const index of gone) next.delete(index);
  for (const [index, read] of changed) {
    if (read === null) next.delete(index);
    else next.set(index, read);
  }
  return next;
}
