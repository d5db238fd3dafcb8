import type { Uptime } from "../platform/platform.ts";

// The two clocks are read one after the other: less than this is the time between.
const shortestSleepMs = 300;

/** Notices that the host slept. */
export interface WakeDetector {
  /** How long the host slept since the last check, in ms; 0 when it did not. */
  check(uptime: Uptime): number;
}

/**
 * Compares a clock that goes on during suspend with one that stops, so a step of the wall clock is no wake.
 * Timers run on the clock that stops (clock_gettime(2): CLOCK_MONOTONIC), so a wake is noticed at the first
 * message or timer after it: at most one reconcile interval late.
 */
export function createWakeDetector(first: Uptime): WakeDetector {
  let suspendedMs = first.totalMs - first.awakeMs;
  return {
    check({ totalMs, awakeMs }) {
      const sleptMs = totalMs - awakeMs - suspendedMs;
      if (sleptMs < shortestSleepMs) return 0;
      suspendedMs += sleptMs;
      return Math.round(sleptMs);
    },
  };
}
