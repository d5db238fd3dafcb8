// setTimeout() takes a longer delay for 1 ms (2^31 - 1 ms is the most).
const longestDelayMs = 0x7fff_ffff;

/** The one timer of an idle monitor. */
export interface Heartbeat extends Disposable {
  /** To be called whenever the deadline may have moved. */
  rearm(): void;
}

/**
 * Calls `beat` when the deadline comes, which `beat` is to move.
 *
 * @param deadline by `performance.now()`
 */
export function createHeartbeat(deadline: () => number, beat: () => void): Heartbeat {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let armedFor = Number.NaN;
  let closed = false;

  const fire = (): void => {
    armedFor = Number.NaN;
    if (performance.now() >= deadline()) beat();
    rearm();
  };
  const rearm = (): void => {
    const at = deadline();
    if (closed || at === armedFor) return;
    clearTimeout(timer);
    armedFor = at;
    const delay = Math.ceil(at - performance.now());
    timer = setTimeout(fire, Math.min(longestDelayMs, Math.max(0, delay)));
  };

  return {
    rearm,
    [Symbol.dispose]() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
