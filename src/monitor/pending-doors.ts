import type { IpFamily } from "../network/address.ts";
import type { ChangeHint } from "../platform/platform.ts";

/** Why everything is read, strongest last: a known loss explains differences that a mere reconcile would not. */
export type FullReason = "reconcile" | "request" | "resync" | "wake";

const strength: Readonly<Record<FullReason, number>> = {
  reconcile: 0,
  request: 1,
  resync: 2,
  wake: 3,
};

/** The stronger of two reasons. */
export function strongerReason(a: FullReason | null, b: FullReason | null): FullReason | null {
  if (a === null || b === null) return a ?? b;
  return strength[a] >= strength[b] ? a : b;
}

/** What one read is for. */
export interface Doors {
  readonly full: FullReason | null;
  /** Rung by messages. */
  readonly interfaces: ReadonlySet<number>;
  /** Rung by messages. */
  readonly defaults: ReadonlySet<IpFamily>;
  /** Where a lifetime has ended. */
  readonly expired: ReadonlySet<IpFamily>;
}

/** What is to be read next. */
export interface PendingDoors {
  add(hint: ChangeHint): void;
  addFull(reason: FullReason): void;
  addExpired(family: IpFamily): void;
  /** Puts back what a failed read was for. */
  restore(doors: Doors): void;
  /** What waits, still waiting. */
  peek(): Doors;
  /** What waits; nothing waits afterwards. */
  take(): Doors;
  /** The part of what waits that nobody should wait for: defaults that a message named, and uplinks. Null for none. */
  urgent(uplinks: ReadonlySet<number>): Doors | null;
  /** That part; the rest still waits. */
  takeUrgent(uplinks: ReadonlySet<number>): Doors | null;
}

export function createPendingDoors(): PendingDoors {
  let full: FullReason | null = null;
  let interfaces = new Set<number>();
  let defaults = new Set<IpFamily>();
  let expired = new Set<IpFamily>();
  // Of `defaults`, those that a message of the routes themselves named.
  let named = new Set<IpFamily>();

  const urgent = (uplinks: ReadonlySet<number>): Doors | null => {
    const rung = [...interfaces].filter((index) => uplinks.has(index));
    if (named.size + expired.size + rung.length === 0) return null;
    return { full: null, interfaces: new Set(rung), defaults: named, expired };
  };

  return {
    add(hint) {
      switch (hint.kind) {
        case "interface":
          interfaces.add(hint.index);
          break;
        case "defaults":
          defaults.add(hint.family);
          if (hint.suspected !== true) named.add(hint.family);
          break;
        case "all":
          full = strongerReason(full, "resync");
          break;
        default:
          hint satisfies never;
      }
    },
    addFull(reason) {
      full = strongerReason(full, reason);
    },
    addExpired(family) {
      expired.add(family);
    },
    restore(doors) {
      full = strongerReason(full, doors.full);
      for (const index of doors.interfaces) interfaces.add(index);
      for (const family of doors.defaults) defaults.add(family);
      for (const family of doors.defaults) named.add(family);
      for (const family of doors.expired) expired.add(family);
    },
    peek: () => ({ full, interfaces, defaults, expired }),
    take() {
      const doors = { full, interfaces, defaults, expired };
      full = null;
      interfaces = new Set();
      defaults = new Set();
      expired = new Set();
      named = new Set();
      return doors;
    },
    urgent,
    takeUrgent(uplinks) {
      const doors = urgent(uplinks);
      if (doors === null) return null;
      for (const index of doors.interfaces) interfaces.delete(index);
      for (const family of doors.defaults) defaults.delete(family);
      named = new Set();
      expired = new Set();
      return doors;
    },
  };
}
