import { distinctOpponents } from "./opponent.ts";
import { createRepairBudget } from "./repair-budget.ts";
import type { HealEvent, Opponent } from "./self-heal-event.ts";

export interface HealOptions {
  /** How long a part that somebody took away stays away, in ms: its other parts may still be going. */
  readonly undoDelayMs: number;
  /** The same for one that no message explains, in ms. */
  readonly unexplainedDelayMs: number;
  /** For so long after a link change or a wake, what goes is following and not fighting, in ms. */
  readonly followMs: number;
  readonly repairEveryMs: number;
  readonly repairBurst: number;
  /** So many undos within the window are a fight. */
  readonly fightUndos: number;
  readonly fightWindowMs: number;
}

export const defaultHealOptions: HealOptions = {
  undoDelayMs: 250,
  unexplainedDelayMs: 250,
  followMs: 2_000,
  repairEveryMs: 5_000,
  repairBurst: 10,
  fightUndos: 5,
  fightWindowMs: 60_000,
};

/** Whether what does not stand whole may be put right now. */
export type Leave = "repair" | "wait" | "fight";

/** Decides when one thing is repaired, a scoped default or one that displaces others. Times are of one clock that stops while the host sleeps, in ms. */
export interface Healer {
  /** Evidence of a foreign requester who took a part away. */
  hear(by: Opponent, now: number): readonly HealEvent[];
  /** A read shows it whole or not. */
  look(complete: boolean, now: number): readonly HealEvent[];
  /** A link or the default changed, or the host woke. */
  follow(now: number): readonly HealEvent[];
  /** Something changed that may be the opponent's doing as well: a fight ends, and the limits hold on. */
  calm(): readonly HealEvent[];
  /** The user wants it: it is repaired now, if it must be. */
  resume(): readonly HealEvent[];
  mayRepair(now: number): Leave;
  /** It is about to be put right, or that is tried. */
  repaired(now: number): void;
  /** When the answer of `mayRepair` changes by time alone; null while nothing waits. */
  dueAt(now: number): number | null;
  fight(): Fight | null;
}

/** Who fights, while netwatch leaves it to them. */
export interface Fight {
  readonly opponents: readonly Opponent[];
  readonly meaning: string;
}

/** A removal that netwatch knows of, from the first sign until the repair. */
interface Breach {
  readonly since: number;
  /** Somebody is known to have done it. */
  readonly undo: boolean;
}

/** @param describe the sentence of a fight */
export function createHealer(
  options: HealOptions,
  describe: (opponents: readonly Opponent[], undos: number) => string,
): Healer {
  const budget = createRepairBudget(options.repairEveryMs, options.repairBurst);
  let undos: readonly { readonly at: number; readonly by: Opponent }[] = [];
  let followingUntil = Number.NEGATIVE_INFINITY;
  let fight: Fight | null = null;
  let heard: Opponent | null = null;
  let breach: Breach | null = null;
  let asked = false;

  const isFollowing = (now: number): boolean => now < followingUntil;

  const undone = (since: number, by: Opponent, now: number): readonly HealEvent[] => {
    breach = { since, undo: true };
    if (isFollowing(now) || fight !== null) return [];
    undos = [...undos, { at: now, by }].filter(({ at }) => at > now - options.fightWindowMs);
    const event: HealEvent = { kind: "undone", by, undos: undos.length };
    if (undos.length < options.fightUndos) return [event];
    const opponents = distinctOpponents(undos.map((undo) => undo.by));
    fight = { opponents, meaning: describe(opponents, undos.length) };
    return [event, { kind: "fight", ...fight }];
  };

  const endFight = (because: "network-changed" | "requested"): readonly HealEvent[] => {
    undos = [];
    if (fight === null) return [];
    fight = null;
    return [{ kind: "resumed", because }];
  };

  /** When a breach may be repaired, a fight left aside. */
  const readyAt = ({ since, undo }: Breach, now: number): number => {
    if (asked) return now;
    const followingAt = undo ? since + options.undoDelayMs : now;
    if (isFollowing(now) && isFollowing(followingAt)) return followingAt;
    const delayMs = undo ? options.undoDelayMs : options.unexplainedDelayMs;
    return Math.max(since + delayMs, budget.readyAt(now));
  };

  return {
    hear(by, now) {
      // A pair of rules and a table go with several messages: one undo.
      if (breach?.undo === true) return [];
      if (breach !== null) return undone(breach.since, by, now);
      heard = by;
      return [];
    },
    look(complete, now) {
      const by = heard;
      heard = null;
      if (complete) {
        breach = null;
        asked = false;
        return [];
      }
      if (breach === null && by !== null) return undone(now, by, now);
      breach ??= { since: now, undo: false };
      return [];
    },
    follow(now) {
      followingUntil = now + options.followMs;
      return endFight("network-changed");
    },
    calm: () => endFight("network-changed"),
    resume() {
      asked = true;
      return endFight("requested");
    },
    mayRepair(now) {
      if (fight !== null) return "fight";
      return breach === null || now >= readyAt(breach, now) ? "repair" : "wait";
    },
    repaired(now) {
      if (!isFollowing(now) && !asked) budget.spend(now);
      breach = null;
      asked = false;
    },
    dueAt: (now) => (breach === null || fight !== null ? null : readyAt(breach, now)),
    fight: () => fight,
  };
}
