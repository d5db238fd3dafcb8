/** Limits how often one thing is repaired, so that netwatch cannot be made to fight with all its strength. */
export interface RepairBudget {
  /** When the next repair may be done; `now` or earlier means at once. */
  readyAt(now: number): number;
  spend(now: number): void;
}

/** One repair for each `everyMs`, and `burst` of them at once by one that was quiet. */
export function createRepairBudget(everyMs: number, burst: number): RepairBudget {
  let left = burst;
  let filledAt: number | null = null;

  const fill = (now: number): void => {
    left = Math.min(burst, left + Math.max(0, now - (filledAt ?? now)) / everyMs);
    filledAt = Math.max(filledAt ?? now, now);
  };

  return {
    readyAt(now) {
      fill(now);
      return left >= 1 ? now : Math.ceil(now + (1 - left) * everyMs);
    },
    spend(now) {
      fill(now);
      left -= 1;
    },
  };
}
