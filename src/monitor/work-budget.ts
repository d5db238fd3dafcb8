/** Limits what re-reads cost, so that a storm of messages cannot take the host's processor. */
export interface WorkBudget {
  /** A read took so long, in ms. */
  spend(costMs: number, now: number): void;
  /** When the next read may start; `now` or earlier means at once. */
  readyAt(now: number): number;
}

export interface WorkBudgetOptions {
  /** Share of one core over any minute, e.g. 0.05. */
  readonly share: number;
  /** What may be spent at once by a host that was quiet, in ms. */
  readonly burstMs: number;
  /** No single read, however dear, puts off the next one for longer than this. */
  readonly longestWaitMs: number;
}

/** Reads of everything that waits. Together with the urgent ones they take at most 5 % of a core. */
export const commonWorkBudget: WorkBudgetOptions = {
  share: 0.04,
  burstMs: 200,
  longestWaitMs: 60_000,
};

/** Reads of defaults and uplinks alone, while the others are over their budget. */
export const urgentWorkBudget: WorkBudgetOptions = {
  share: 0.01,
  burstMs: 50,
  longestWaitMs: 60_000,
};

const minuteMs = 60_000;

/**
 * A token bucket of milliseconds. It fills at the share less the burst, so that a minute that begins with a
 * full bucket stays within the share too. Every read takes all that waits, so a waiting resync is done with
 * the next one and cannot starve behind cheaper reads.
 */
export function createWorkBudget(options: WorkBudgetOptions, startedAt: number): WorkBudget {
  const fillPerMs = options.share - options.burstMs / minuteMs;
  const deepestDebt = -options.longestWaitMs * fillPerMs;
  let tokens = options.burstMs;
  let filledAt = startedAt;

  const fill = (now: number): void => {
    tokens = Math.min(options.burstMs, tokens + (now - filledAt) * fillPerMs);
    filledAt = now;
  };

  return {
    spend(costMs, now) {
      fill(now);
      tokens = Math.max(deepestDebt, tokens - costMs);
    },
    readyAt(now) {
      fill(now);
      return tokens >= 0 ? now : now + -tokens / fillPerMs;
    },
  };
}
