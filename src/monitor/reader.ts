import { createBackoff } from "./backoff.ts";
import type { Debounce } from "./debounce.ts";
import type { WorkBudget } from "./work-budget.ts";

/** Runs one read at a time, when the debounce wants it and the budget allows it. */
export interface Reader extends Disposable {
  /** Starts a read at once if one is due, else arms the timer for it. To be called after each change of the debounce. */
  step(): void;
  /** Settles when no read is under way. */
  idle(): Promise<void>;
}

const firstRetryMs = 50;
const longestRetryMs = 30_000;

/** What a read is of: everything that waits, or only what nobody should wait for. */
export type Lane = "all" | "urgent";

export interface ReaderParts {
  /** Reads what waits in that lane; rejects when it still waits. */
  read(lane: Lane): Promise<void>;
  /** Something waits in the urgent lane. */
  hasUrgent(): boolean;
  readonly debounce: Debounce;
  readonly budgets: Readonly<Record<Lane, WorkBudget>>;
  random(): number;
}

/**
 * A read that fails is tried again with backoff until one succeeds. What becomes due while a read is under way
 * is read after it. While the reads of everything have used up their budget, or keep failing, what is urgent is
 * read alone, on a budget of its own: ten thousand containers must not hold up a default.
 */
export function createReader(parts: ReaderParts): Reader {
  const { debounce, budgets } = parts;
  const newRetry = () => ({
    at: 0,
    backoff: createBackoff(firstRetryMs, longestRetryMs, parts.random),
  });
  const retries = { all: newRetry(), urgent: newRetry() };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let reading = false;
  let lastRead: Promise<void> = Promise.resolve();
  let closed = false;
  const ended = (lane: Lane, failed: boolean): void => {
    reading = false;
    const now = performance.now();
    const retry = retries[lane];
    if (failed) {
      retry.at = now + retry.backoff.next();
      debounce.hurry(now);
    } else {
      retry.at = 0;
      retry.backoff.reset();
    }
    step();
  };

  const start = (lane: Lane): void => {
    reading = true;
    lastRead = parts.read(lane).then(
      () => ended(lane, false),
      () => ended(lane, true),
    );
  };

  const step = (): void => {
    if (reading || closed) return;
    clearTimeout(timer);
    const dueAt = debounce.dueAt();
    if (dueAt === null) return;
    const now = performance.now();
    const readyAt = (lane: Lane): number =>
      Math.max(dueAt, retries[lane].at, budgets[lane].readyAt(now));
    const allAt = readyAt("all");
    if (allAt <= now) {
      debounce.clear();
      start("all");
      return;
    }
    const urgentAt = parts.hasUrgent() ? readyAt("urgent") : allAt;
    if (urgentAt <= now) {
      start("urgent");
      return;
    }
    timer = setTimeout(step, Math.ceil(Math.min(allAt, urgentAt) - now));
  };

  return {
    step,
    idle: () => lastRead,
    [Symbol.dispose]() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
