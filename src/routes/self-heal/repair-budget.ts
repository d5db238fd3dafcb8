/** Limits how often one thing is repaired, so that netwatch cannot be made to fight with all its strength. */
export interface RepairBudget {
  /** When the next repair may be done; `now` or earlier means at once. */
  readyAt(now: number): number;
  spend(now: number): void;
}

/** One repair for each `everyMs`, and `burst` of them at once by one that was quiet. */
export function createRepairBudget(everyMs: number, burst: number): RepairBudget {
  // In ms, so that whole times stay whole.
  let credit = burst * everyMs;
  let filledAt = Number.NEGATIVE_INFINITY;

  const fill = (now: number): void => {
    credit = Math.min(burst * everyMs, credit + Math.max(0, now - filledAt));
    filledAt = Math.max(filledAt, now);
  };

  return {
    readyAt(now) {
      fill(now);
      return now + Math.max(0, everyMs - credit);
    },
    spend(now) {
      fill(now);
      credit -= everyMs;
    },
  };
}
