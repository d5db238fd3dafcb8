import type { IpFamily } from "../network/address.ts";
import type { NetworkInterface } from "../network/interface.ts";
import type { FamilyDefaults, NetworkState } from "../network/state.ts";
import type { Reading } from "../platform/platform.ts";
import { sameValue } from "./same-value.ts";

/** A state, and which of its interfaces are not what they were in the state before. */
export interface NetworkChange {
  readonly network: NetworkState;
  /** Indexes of interfaces that came, went or differ, lifetimes included. */
  readonly changed: ReadonlySet<number>;
}

/**
 * The state after a reading. What reads the same stays the same object, and the state itself is returned when
 * nothing is different, lifetimes included.
 */
export function applyReading(state: NetworkState, reading: Reading): NetworkChange {
  const { defaults } = state;
  const changed = changedInterfaces(state.interfaces, reading);
  const ipv4 = applyDefaults(defaults, reading, "ipv4");
  const ipv6 = applyDefaults(defaults, reading, "ipv6");
  const sameDefaults = ipv4 === defaults.ipv4 && ipv6 === defaults.ipv6;
  if (changed.size === 0 && sameDefaults) return { network: state, changed };
  const interfaces = withChanges(state.interfaces, changed, reading);
  return {
    network: { interfaces, defaults: sameDefaults ? defaults : { ipv4, ipv6 } },
    changed,
  };
}

function changedInterfaces(
  known: ReadonlyMap<number, NetworkInterface>,
  reading: Reading,
): ReadonlySet<number> {
  const changed = new Set<number>();
  for (const [index, read] of reading.interfaces)
    if (!sameValue(known.get(index) ?? null, read)) changed.add(index);
  if (reading.complete)
    for (const index of known.keys()) if (!reading.interfaces.has(index)) changed.add(index);
  return changed;
}

function withChanges(
  known: ReadonlyMap<number, NetworkInterface>,
  changed: ReadonlySet<number>,
  reading: Reading,
): ReadonlyMap<number, NetworkInterface> {
  if (changed.size === 0) return known;
  const next = new Map(known);
  for (const index of changed) {
    const read = reading.interfaces.get(index) ?? null;
    if (read === null) next.delete(index);
    else next.set(index, read);
  }
  return next;
}

function applyDefaults(
  known: NetworkState["defaults"],
  reading: Reading,
  family: IpFamily,
): FamilyDefaults {
  const read = reading.defaults.get(family);
  return read === undefined || sameValue(known[family], read) ? known[family] : read;
}
