import type { IpFamily } from "../network/address.ts";
import type { ChangeHint, Platform } from "../platform/platform.ts";
import type { NetworkChange } from "./apply-reading.ts";
import { type Attribution, attribute } from "./attribution.ts";
import type { Debounce } from "./debounce.ts";
import { diffHosts } from "./diff.ts";
import { driftOf } from "./drift.ts";
import type { MonitorEvent } from "./event.ts";
import type { EventHub } from "./event-hub.ts";
import { createHistogram, type Spread } from "./histogram.ts";
import type { HostAdvance, HostModel } from "./host-model.ts";
import type { HostState } from "./host-state.ts";
import { pause } from "./pause.ts";
import { createPendingDoors, type Doors, type FullReason } from "./pending-doors.ts";
import { readDoors } from "./read-doors.ts";
import { createReader, type Lane } from "./reader.ts";
import { createRingTimes } from "./ring-times.ts";
import { uplinksOf } from "./severity.ts";
import { familiesAtRisk } from "./silent-loss.ts";
import type { WorkBudget } from "./work-budget.ts";

export interface ReadCycleParts {
  readonly platform: Platform;
  readonly model: HostModel;
  readonly hub: EventHub;
  readonly budgets: Readonly<Record<Lane, WorkBudget>>;
  readonly debounce: Debounce;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Called after each read, with the new state in the model and before it is published. */
  read(drifted: boolean): void;
  /** Called after each read that covered defaults, when its events are published. */
  looked(): void;
  /** Called when `trouble()` has changed. */
  troubled(): void;
}

/** From doors to events: what rang is read, compared and published, one read at a time. */
export interface ReadCycle extends AsyncDisposable {
  /** @param doors the names under which the hints are debounced */
  ring(hints: readonly ChangeHint[], doors: readonly string[]): void;
  readAll(reason: FullReason): void;
  readExpired(family: IpFamily): void;
  refresh(reason: "request" | "resync"): Promise<HostState>;
  /** Reads everything as the baseline; settles when that has succeeded or failed once. */
  first(): Promise<void>;
  /** Why the state may not be the kernel's, for a user; null when it is. */
  trouble(): string | null;
  counters(): ReadCounters;
}

/** What reading has done and cost so far. */
export interface ReadCounters {
  /** Reads of the kernel's state that succeeded, whole or in part. */
  readonly rereads: number;
  /** The time that reads took, those that failed included. */
  readonly rereadMs: number;
  /** Those of the reads that a schedule asked for. */
  readonly reconciles: number;
  readonly reconcileMs: number;
  /** Differences that a reconcile found and no message had announced. */
  readonly drift: number;
  /** From the first message of what changed to the events of it, in ms. */
  readonly latencyMs: Spread;
}

/** A read at once takes some milliseconds; one in a burst waits for quiet, for two seconds at most. */
const latencyBoundsMs = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000];

// A message and a reconcile can cross: the change is read before its message has come out of the socket. Two
// turns of the event loop are enough for it; this is many.
const crossingMs = 20;

interface Request {
  resolve(state: HostState): void;
  reject(error: unknown): void;
}

export function createReadCycle(parts: ReadCycleParts): ReadCycle {
  const { platform, model, hub, budgets, debounce, signal } = parts;
  const pending = createPendingDoors();
  const counters = { rereads: 0, rereadMs: 0, reconciles: 0, reconcileMs: 0, drift: 0 };
  const latencyMs = createHistogram(latencyBoundsMs);
  const ringTimes = createRingTimes();
  let requests: Request[] = [];
  let trouble: string | null = "the network has not been read yet";
  let baseline: (() => void) | null = null;

  const setTrouble = (text: string | null): void => {
    if (text === trouble) return;
    trouble = text;
    parts.troubled();
  };

  const compare = (doors: Doors, advance: HostAdvance): [readonly MonitorEvent[], Attribution] => {
    const heard = pending.peek();
    const attribution = attribute(doors, heard, model.network(), advance.network);
    const events = diffHosts(advance.before, advance.after, {
      changed: advance.changed,
      replaced: advance.replaced,
      isChurn: model.policy().isChurn,
      causeOf: attribution.causeOf,
    });
    return [events, attribution];
  };

  // The kernel takes routes away after it has told of the link or the address, and where it answers without
  // waiting for its own lock the read at once can still see them. The second read has the reason of the first.
  const confirmLater = (families: ReadonlySet<IpFamily>, reason: FullReason | null): void => {
    if (families.size === 0) return;
    if (reason !== null) pending.addFull(reason);
    else for (const family of families) pending.add({ kind: "defaults", family });
    debounce.later(performance.now());
  };

  const readAndPublish = async (doors: Doors, lane: Lane, since: number | null): Promise<void> => {
    const startedAt = performance.now();
    let change: NetworkChange;
    try {
      change = await readDoors(platform, doors, model.network(), signal);
    } finally {
      const now = performance.now();
      budgets[lane].spend(now - startedAt, now);
      counters.rereadMs += now - startedAt;
      if (doors.full === "reconcile") counters.reconcileMs += now - startedAt;
    }
    signal.throwIfAborted();
    counters.rereads += 1;
    if (doors.full === "reconcile") counters.reconciles += 1;
    const advance = model.advance(change, Date.now());
    const isBaseline = baseline !== null;
    let [events, attribution] = isBaseline ? [[], null] : compare(doors, advance);
    let drift = attribution === null ? null : driftOf(events, attribution);
    if (drift !== null) {
      await pause(crossingMs, signal);
      signal.throwIfAborted();
      [events, attribution] = compare(doors, advance);
      drift = driftOf(events, attribution);
    }
    counters.drift += drift?.differences ?? 0;
    const { interfaces } = advance.network;
    confirmLater(
      familiesAtRisk(model.network().interfaces, interfaces, change.changed),
      doors.full,
    );
    model.commit(advance);
    parts.read(drift !== null);
    if (lane === "all") setTrouble(null);
    if (since !== null && events.length > 0) latencyMs.observe(performance.now() - since);
    hub.publish(drift === null ? events : [drift, ...events]);
    if (doors.full !== null || doors.defaults.size > 0 || doors.expired.size > 0) parts.looked();
  };

  const takeDoors = (lane: Lane): Doors => {
    const urgent = lane === "urgent" ? pending.takeUrgent(uplinksOf(model.state())) : null;
    return urgent ?? pending.take();
  };

  const readPending = async (lane: Lane): Promise<void> => {
    const doors = takeDoors(lane);
    const since = ringTimes.take(doors);
    // A request is answered by a read that began after it; with it waits that everything is read.
    const answered = lane === "all" ? requests : [];
    if (lane === "all") requests = [];
    try {
      await readAndPublish(doors, lane, since);
      for (const request of answered) request.resolve(model.state());
    } catch (error) {
      pending.restore(doors);
      ringTimes.restore(doors, since);
      const text = error instanceof Error ? error.message : String(error);
      const seen = counters.rereads > 0;
      const what = seen
        ? "what is shown may be old: it could not be read again"
        : "nothing is known";
      if (!signal.aborted) setTrouble(`${what}: ${text}`);
      for (const request of answered) request.reject(error);
      throw error;
    } finally {
      baseline?.();
      baseline = null;
    }
  };

  const reader = createReader({
    read: readPending,
    hasUrgent: () => baseline === null && pending.urgent(uplinksOf(model.state())) !== null,
    debounce,
    budgets,
    random: parts.random,
  });

  const readAll = (reason: FullReason): void => {
    pending.addFull(reason);
    debounce.hurry(performance.now());
    reader.step();
  };

  return {
    ring(hints, doors) {
      for (const hint of hints) pending.add(hint);
      const now = performance.now();
      ringTimes.rang(hints, now);
      for (const door of doors) debounce.ring(door, now);
      reader.step();
    },
    readAll,
    readExpired(family) {
      pending.addExpired(family);
      debounce.hurry(performance.now());
      reader.step();
    },
    refresh(reason) {
      if (signal.aborted) return Promise.reject(signal.reason);
      return new Promise((resolve, reject) => {
        requests.push({ resolve, reject });
        readAll(reason);
      });
    },
    first: () =>
      new Promise((resolve) => {
        baseline = resolve;
        readAll("resync");
      }),
    trouble: () => trouble,
    counters: () => ({ ...counters, latencyMs: latencyMs.spread() }),
    async [Symbol.asyncDispose]() {
      reader[Symbol.dispose]();
      for (const request of requests) request.reject(signal.reason);
      requests = [];
      await reader.idle();
    },
  };
}
