/** When everything is read again although nothing rang. Times are of one monotonic clock, in ms. */
export interface ReconcileSchedule {
  nextAt(): number;
  /** Everything is being read: plans the next time. */
  begun(now: number): void;
  /** A reconcile found what no message had announced: the host is not calm. */
  drifted(now: number): void;
  /** A wake, or a loss of messages: look again soon, because more may follow silently. */
  disturbed(now: number): void;
  /** While no message can be heard, reconciling is all there is. */
  setBlind(blind: boolean, now: number): void;
}

/** After a disturbance: DHCP, router advertisements and carrier settle within seconds. */
const burstMs: readonly number[] = [200, 1_000, 5_000];
const calmAfterMs = 10 * 60_000;
const calmIntervalMs = 60_000;
const blindIntervalMs = 3_000;

/**
 * Every `intervalMs`, give or take a tenth; 0.2, 1 and 5 s after a disturbance; every 60 s after ten minutes
 * without drift or disturbance; every 3 s while blind.
 */
export function createReconcileSchedule(
  intervalMs: number,
  random: () => number,
  startedAt: number,
): ReconcileSchedule {
  let blind = false;
  let calmSince = startedAt;
  let burst: readonly number[] = [];
  let nextAt = 0;

  const plan = (now: number): void => {
    const calm = now - calmSince >= calmAfterMs;
    const wanted = calm ? Math.max(intervalMs, calmIntervalMs) : intervalMs;
    const interval = blind ? Math.min(intervalMs, blindIntervalMs) : wanted;
    const periodic = now + interval * (0.9 + 0.2 * random());
    burst = burst.filter((at) => at > now);
    nextAt = Math.min(periodic, ...burst);
  };
  plan(startedAt);

  return {
    nextAt: () => nextAt,
    begun: plan,
    drifted(now) {
      calmSince = now;
      plan(now);
    },
    disturbed(now) {
      calmSince = now;
      burst = burstMs.map((after) => now + after);
      plan(now);
    },
    setBlind(value, now) {
      if (blind === value) return;
      blind = value;
      plan(now);
    },
  };
}
