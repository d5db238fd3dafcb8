/** Delays that double from `firstMs` to `longestMs`, each shortened by up to a quarter at random. */
export interface Backoff {
  next(): number;
  reset(): void;
}

export function createBackoff(firstMs: number, longestMs: number, random: () => number): Backoff {
  let delayMs = firstMs;
  return {
    next() {
      const current = delayMs;
      delayMs = Math.min(longestMs, delayMs * 2);
      return current * (1 - random() / 4);
    },
    reset() {
      delayMs = firstMs;
    },
  };
}
