import type { IpFamily } from "../network/address.ts";
import type { FoundScoped, Obstacle } from "../platform/route-control.ts";
import type { JournalState } from "./journal/journal-state.ts";

/** Slots of each family. */
export const slotCount = 50;

/** Gives each uplink of a family a slot of its own. */
export interface SlotChoice {
  /** The lowest slot that neither journal, rules nor tables use; null when all are taken. */
  take(): number | null;
  /** Somebody else stands there. */
  isForeign(slot: number): boolean;
}

/** Starts from what stands, what is written down and what others have. */
export function chooseSlots(
  family: IpFamily,
  found: readonly FoundScoped[],
  journal: JournalState,
  obstacles: readonly Obstacle[],
): SlotChoice {
  const foreign = new Set(
    obstacles.flatMap((one) =>
      one.kind === "slot-taken" && one.family === family ? [one.slot] : [],
    ),
  );
  const used = new Set([
    ...foreign,
    ...found.flatMap(({ entry }) => (entry.family === family ? [entry.slot] : [])),
    ...journal.slots.flatMap((record) => (record.family === family ? [record.slot] : [])),
  ]);
  return {
    take() {
      for (let slot = 0; slot < slotCount; slot += 1) {
        if (used.has(slot)) continue;
        used.add(slot);
        return slot;
      }
      return null;
    },
    isForeign: (slot) => foreign.has(slot),
  };
}
