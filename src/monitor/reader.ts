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

/**
 * A read that fails is tried again with backoff until one succeeds. What becomes due while a read is under way
 * is read after it.
 *
 * @param read reads all that waits; rejects when it still waits
 */
export function createReader(
  read: () => Promise<void>,
  debounce: Debounce,
  budget: WorkBudget,
  random: () => number,
): Reader {
  const backoff = createBackoff(firstRetryMs, longestRetryMs, random);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let reading = false;
  let lastRead: Promise<void> = Promise.resolve();
  let closed = false;
  let retryAt = 0;

  const ended = (failed: boolean): void => {
    reading = false;
    const now = performance.now();
    if (failed) {
      retryAt = now + backoff.next();
      debounce.hurry(now);
    } else {
      retryAt = 0;
      backoff.reset();
    }
    step();
  };

  const step = (): void => {
    if (reading || closed) return;
    clearTimeout(timer);
    const dueAt = debounce.dueAt();
    if (dueAt === null) return;
    const now = performance.now();
    const at = Math.max(dueAt, retryAt, budget.readyAt(now));
    if (at > now) {
      timer = setTimeout(step, Math.ceil(at - now));
      return;
    }
    debounce.clear();
    reading = true;
    lastRead = read().then(
      () => ended(false),
      () => ended(true),
    );
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
