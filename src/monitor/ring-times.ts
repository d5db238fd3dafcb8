import type { ChangeHint } from "../platform/platform.ts";
import type { Doors } from "./pending-doors.ts";

/** When doors first rang of those that have not been read since. Times are of one clock. */
export interface RingTimes {
  rang(hints: readonly ChangeHint[], now: number): void;
  /**
   * What is being read: its doors have not rung any more.
   *
   * @returns when the first of them rang, or null when none did
   */
  take(doors: Doors): number | null;
  /** The read failed: its doors have rung since then. */
  restore(doors: Doors, since: number | null): void;
}

type Door = number | string;

export function createRingTimes(): RingTimes {
  const times = new Map<Door, number>();
  const ring = (door: Door, at: number): void => {
    times.set(door, Math.min(at, times.get(door) ?? at));
  };
  return {
    rang(hints, now) {
      for (const hint of hints)
        ring(
          hint.kind === "interface" ? hint.index : hint.kind === "defaults" ? hint.family : "all",
          now,
        );
    },
    take(doors) {
      const taken = doors.full === null ? doorsOf(doors) : [...times.keys()];
      const rung = taken.flatMap((door) => times.get(door) ?? []);
      for (const door of taken) times.delete(door);
      // Not Math.min(...): a storm may ring tens of thousands.
      return rung.reduce<number | null>((first, at) => Math.min(first ?? at, at), null);
    },
    restore(doors, since) {
      if (since === null) return;
      for (const door of doors.full === null ? doorsOf(doors) : ["all"]) ring(door, since);
    },
  };
}

function doorsOf({ interfaces, defaults }: Doors): Door[] {
  return [...interfaces, ...defaults];
}
