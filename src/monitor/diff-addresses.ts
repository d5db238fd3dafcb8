import type { InterfaceAddress } from "../network/interface.ts";
import type { Cause, FieldChange, MonitorEvent, Severity } from "./event.ts";
import type { TrackedInterface } from "./host-state.ts";

/** The differences of one interface's addresses. Their order and their lifetimes are not compared. */
export function diffAddresses(
  subject: TrackedInterface,
  before: readonly InterfaceAddress[],
  after: readonly InterfaceAddress[],
  said: { readonly severity: Severity; readonly cause: Cause },
): readonly MonitorEvent[] {
  if (before === after) return [];
  const base = {
    ...said,
    interface: subject.name,
    index: subject.index,
    generation: subject.generation,
  };
  const known = new Map(before.map((address) => [keyOf(address), address]));
  const events: MonitorEvent[] = [];
  const come: MonitorEvent[] = [];
  for (const address of after) {
    const key = keyOf(address);
    const was = known.get(key);
    known.delete(key);
    if (was === undefined) {
      come.push({ kind: "address-added", ...base, address });
      continue;
    }
    const changes = changesOf(was, address);
    if (changes.length > 0) come.push({ kind: "address-changed", ...base, address, changes });
  }
  for (const address of known.values()) events.push({ kind: "address-removed", ...base, address });
  return [...events, ...come];
}

// The kernel takes the same address with another prefix length, or another peer, as another address.
function keyOf({ address, prefixLength, peer }: InterfaceAddress): string {
  return `${address}/${prefixLength} ${peer ?? ""}`;
}

function changesOf(was: InterfaceAddress, is: InterfaceAddress): readonly FieldChange[] {
  const changes: FieldChange[] = [];
  if (was.scope !== is.scope) changes.push({ field: "scope", before: was.scope, after: is.scope });
  const [before, after] = [flagsOf(was), flagsOf(is)];
  if (before !== after) changes.push({ field: "flags", before, after });
  return changes;
}

function flagsOf({ flags }: InterfaceAddress): string {
  return flags.toSorted().join(" ");
}
