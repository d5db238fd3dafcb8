/** Runs one piece of work again and again, never twice at a time. Disposing of it lets the present run end. */
export interface SerialLoop extends AsyncDisposable {
  /**
   * Runs the work; settles with a run that began after this call. Calls made meanwhile share one run.
   *
   * @throws what that run threw
   */
  run(): Promise<void>;
}

const firstRetryMs = 500;
const longestRetryMs = 30_000;
/** setTimeout(3) counts in 31 bits; a longer wait would end at once. */
const longestTimerMs = 2_147_483_647;

/**
 * @param work gives the time in ms after which it wants to run again by itself, or null
 * @param onFailure is told what the work threw; it runs again after 0.5 s, doubled up to 30 s
 */
export function createSerialLoop(
  work: () => Promise<number | null>,
  random: () => number,
  onFailure: (error: Error) => void,
  signal: AbortSignal,
): SerialLoop {
  let waiting: Promise<void> | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  let timer: ReturnType<typeof setTimeout> | null = null;
  let retryMs = firstRetryMs;
  let closed = false;

  const arm = (ms: number | null): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (ms === null || closed || signal.aborted) return;
    const again = (): void => {
      timer = null;
      // The failure was told already.
      run().catch(() => undefined);
    };
    timer = setTimeout(again, Math.min(Math.max(1, ms), longestTimerMs));
  };

  const once = async (): Promise<void> => {
    signal.throwIfAborted();
    try {
      const nextMs = await work();
      retryMs = firstRetryMs;
      arm(nextMs);
    } catch (error) {
      arm(retryMs * (1 - random() / 4));
      retryMs = Math.min(longestRetryMs, retryMs * 2);
      if (error instanceof Error && !signal.aborted) onFailure(error);
      throw error;
    }
  };

  const run = (): Promise<void> => {
    if (closed) return Promise.reject(new Error("the loop has ended"));
    waiting ??= startNext();
    return waiting;
  };
  const startNext = (): Promise<void> => {
    const next = turn.then(() => {
      waiting = null;
      return once();
    });
    turn = next.catch(() => undefined);
    return next;
  };

  signal.addEventListener("abort", () => arm(null), { once: true });
  return {
    run,
    async [Symbol.asyncDispose]() {
      closed = true;
      arm(null);
      await turn;
      arm(null);
    },
  };
}
