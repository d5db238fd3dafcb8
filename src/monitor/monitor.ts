import type { InterfaceKind } from "../network/interface.ts";
import type { Platform } from "../platform/platform.ts";
import { createBroadcast } from "./broadcast.ts";
import { createDebounce } from "./debounce.ts";
import { createEventHub, type EventListener } from "./event-hub.ts";
import { createExpiryAlarm } from "./expiry.ts";
import { createHeartbeat } from "./heartbeat.ts";
import { createHostModel } from "./host-model.ts";
import type { HostState } from "./host-state.ts";
import { interfacePolicy } from "./interface-policy.ts";
import { defaultMonitorOptions, type MonitorOptions } from "./monitor-options.ts";
import { createReadCycle, type ReadCounters } from "./read-cycle.ts";
import { createReconcileSchedule } from "./reconcile-schedule.ts";
import { ringDoors } from "./ring-doors.ts";
import { superviseSource } from "./source-supervisor.ts";
import { createWakeDetector } from "./wake-detector.ts";
import { commonWorkBudget, createWorkBudget, urgentWorkBudget } from "./work-budget.ts";

/** What the monitor has done since it started. */
export interface MonitorCounters extends ReadCounters {
  /** Doors that rang. */
  readonly hints: number;
  readonly events: number;
  /** How often the source of messages was opened after the first time. */
  readonly reopened: number;
  readonly wakes: number;
}

export interface MonitorHealth {
  /** Messages are heard. When they are not, the monitor reads everything every few seconds instead. */
  readonly sourceAlive: boolean;
  /** The state has been read, and the last read did not fail. */
  readonly stateCurrent: boolean;
  /** What is wrong, worst first; empty when all is well. */
  readonly reasons: readonly string[];
}

/** Knows the network of the host. Disposing of it ends its timers and closes its source. */
export interface Monitor extends AsyncDisposable {
  /** As last read. Replaced, never changed. */
  readonly state: HostState;
  /**
   * Calls back with the events of each publication, in order and at once; `state` is then already the new one.
   *
   * @returns a function that ends it
   */
  onEvents(listener: EventListener): () => void;
  /**
   * Calls back after each read that covered defaults, whether it brought events or not; they came before. What is
   * no default of the host's, such as a rule that went, shows in no event and is a reason to read all the same.
   *
   * @returns a function that ends it
   */
  onRead(listener: () => void): () => void;
  health(): MonitorHealth;
  /**
   * Calls back when the reasons of `health()` have changed.
   *
   * @returns a function that ends it
   */
  onHealth(listener: () => void): () => void;
  counters(): MonitorCounters;
  /**
   * Reads everything now, within the work budget. Resolves with the state when that is published.
   *
   * @throws PlatformError when that read fails; the monitor itself goes on trying
   */
  refresh(cause: "request" | "resync"): Promise<HostState>;
  /** Takes other globs, as after a reload of the configuration. */
  setInterfacePolicy(
    churn: readonly string[],
    kinds: Readonly<Record<string, InterfaceKind>>,
  ): void;
}

/**
 * Subscribes, then reads everything. Resolves when that is done: what stands then is the baseline, and no events
 * tell of it. When the first read fails it resolves with an empty state and goes on trying; `health()` says why.
 *
 * @throws the signal's reason when it aborts before
 */
export async function startMonitor(
  platform: Platform,
  options: Partial<MonitorOptions>,
  signal: AbortSignal,
): Promise<Monitor> {
  signal.throwIfAborted();
  const settings = { ...defaultMonitorOptions, ...options };
  const { random } = settings;
  const closing = new AbortController();
  const startedAt = performance.now();

  const hub = createEventHub();
  const healthChanges = createBroadcast<void>();
  const looks = createBroadcast<void>();
  const model = createHostModel(interfacePolicy(settings.churn, settings.kinds));
  const budgets = {
    all: createWorkBudget(commonWorkBudget, startedAt),
    urgent: createWorkBudget(urgentWorkBudget, startedAt),
  };
  const debounce = createDebounce(settings.debounceQuietMs, settings.debounceMaxMs);
  const schedule = createReconcileSchedule(settings.reconcileMs, random, startedAt);
  const wakes = createWakeDetector(platform.uptime());
  const expiry = createExpiryAlarm();
  const counters = { hints: 0, wakes: 0 };
  let probeAt = startedAt + settings.probeMs;
  // A probe rides on the reconcile's timer where that comes near enough.
  const probeSlackMs = Math.min(settings.probeMs, settings.reconcileMs) / 2;

  const cycle = createReadCycle({
    platform,
    model,
    hub,
    budgets,
    debounce,
    random,
    signal: closing.signal,
    read(drifted) {
      const now = performance.now();
      expiry.arm(model.network(), Date.now(), now);
      if (drifted) schedule.drifted(now);
      heartbeat.rearm();
    },
    looked: () => looks.tell(),
    troubled: () => healthChanges.tell(),
  });

  const noticeWake = (): void => {
    const sleptMs = wakes.check(platform.uptime());
    if (sleptMs === 0) return;
    const now = performance.now();
    counters.wakes += 1;
    schedule.disturbed(now);
    probeAt = now + settings.probeMs;
    void supervisor.probe();
    hub.publish([{ kind: "wake", severity: "health", cause: "wake", sleptMs }]);
    cycle.readAll("wake");
    heartbeat.rearm();
  };

  const beat = (): void => {
    noticeWake();
    const now = performance.now();
    if (now >= probeAt - probeSlackMs) {
      probeAt = now + settings.probeMs;
      void supervisor.probe();
    }
    for (const family of expiry.take(now)) cycle.readExpired(family);
    if (now >= schedule.nextAt()) {
      schedule.begun(now);
      cycle.readAll("reconcile");
    }
  };
  const deadline = (): number =>
    Math.min(schedule.nextAt(), expiry.nextAt(), probeAt + probeSlackMs);
  const heartbeat = createHeartbeat(deadline, beat);

  const resync = (): void => {
    schedule.disturbed(performance.now());
    cycle.readAll("resync");
    heartbeat.rearm();
  };

  const supervisor = superviseSource(
    platform,
    {
      heard(hints) {
        counters.hints += hints.length;
        noticeWake();
        const lost = hints.some((hint) => hint.kind === "all");
        for (const hint of hints)
          if (hint.kind === "all" && hint.reason === "overflow")
            hub.publish([
              {
                kind: "overflow",
                severity: "health",
                cause: "message",
                overflows: platform.counters().overflows,
              },
            ]);
        if (lost) {
          schedule.disturbed(performance.now());
          heartbeat.rearm();
        }
        cycle.ring(hints, ringDoors(hints, model.state(), model.policy()));
      },
      reopened: resync,
      changed(alive) {
        schedule.setBlind(!alive, performance.now());
        heartbeat.rearm();
        healthChanges.tell();
      },
    },
    random,
    closing.signal,
  );

  const close = async (): Promise<void> => {
    signal.removeEventListener("abort", abort);
    closing.abort(signal.reason);
    heartbeat[Symbol.dispose]();
    await cycle[Symbol.asyncDispose]();
    await supervisor.finished;
  };
  const abort = (): void => void close();
  signal.addEventListener("abort", abort, { once: true });

  await cycle.first();
  heartbeat.rearm();
  if (signal.aborted) {
    await close();
    throw signal.reason;
  }

  return {
    get state() {
      return model.state();
    },
    onEvents: hub.listen,
    onRead: looks.listen,
    health() {
      const reasons = [cycle.trouble(), supervisor.trouble()].filter((text) => text !== null);
      return {
        sourceAlive: supervisor.alive(),
        stateCurrent: cycle.trouble() === null,
        reasons,
      };
    },
    onHealth: healthChanges.listen,
    counters: () => ({
      ...counters,
      ...cycle.counters(),
      events: hub.published(),
      reopened: supervisor.reopened(),
    }),
    refresh: cycle.refresh,
    setInterfacePolicy(churn, kinds) {
      model.setPolicy(interfacePolicy(churn, kinds));
      cycle.readAll("request");
    },
    [Symbol.asyncDispose]: close,
  };
}
