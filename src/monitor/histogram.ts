/** How values are spread. */
export interface Spread {
  /** Upper bounds, each included, from the lowest. */
  readonly bounds: readonly number[];
  /** How many values lie up to each bound and above the one before; the last is for what lies above them all. */
  readonly counts: readonly number[];
  readonly sum: number;
}

/** Counts values by size. */
export interface Histogram {
  observe(value: number): void;
  spread(): Spread;
}

/** @param bounds upper bounds, rising */
export function createHistogram(bounds: readonly number[]): Histogram {
  const counts = [...bounds.map(() => 0), 0];
  let sum = 0;
  return {
    observe(value) {
      const found = bounds.findIndex((bound) => value <= bound);
      const at = found < 0 ? bounds.length : found;
      counts[at] = (counts[at] ?? 0) + 1;
      sum += value;
    },
    spread: () => ({ bounds, counts: [...counts], sum }),
  };
}
