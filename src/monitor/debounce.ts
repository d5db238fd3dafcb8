/** Decides when doors that rang are read. Times are of one monotonic clock, in ms. It owns no timer. */
export interface Debounce {
  /** A door rang. The first ring of a door that was quiet is due at once. */
  ring(door: string, now: number): void;
  /** Something is due now, whatever rang before. */
  hurry(now: number): void;
  /** When to read, or null while nothing waits. */
  dueAt(): number | null;
  /** Something is due after `quietMs`, if not sooner. */
  later(now: number): void;
  /** What waited is being read. */
  clear(): void;
}

/**
 * Leading edge for each door, then `quietMs` without a ring, but never more than `maxMs` after the first ring
 * that waits: steady ringing must not put off a read for ever.
 */
export function createDebounce(quietMs: number, maxMs: number): Debounce {
  const lastRings = new Map<string, number>();
  let firstAt: number | null = null;
  let dueAt: number | null = null;

  const hurry = (now: number): void => {
    firstAt ??= now;
    dueAt = dueAt === null ? now : Math.min(dueAt, now);
  };

  return {
    ring(door, now) {
      const last = lastRings.get(door);
      lastRings.set(door, now);
      if (last === undefined || now - last >= quietMs) {
        hurry(now);
        return;
      }
      firstAt ??= now;
      if (dueAt === null || dueAt > now) dueAt = Math.min(now + quietMs, firstAt + maxMs);
    },
    hurry,
    later(now) {
      firstAt ??= now;
      dueAt ??= now + quietMs;
    },
    dueAt: () => dueAt,
    clear() {
      const newest = Math.max(...lastRings.values());
      for (const [door, last] of lastRings) if (newest - last >= quietMs) lastRings.delete(door);
      firstAt = null;
      dueAt = null;
    },
  };
}
