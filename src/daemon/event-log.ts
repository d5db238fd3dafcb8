import type { AdminEvent } from "../admin-api/event-schema.ts";
import type { Severity } from "../monitor/event.ts";
import { type DaemonEvent, viewEvent } from "./event-view.ts";

/** An event as kept: made into its line once, for all subscribers. */
export interface LoggedEvent {
  readonly id: number;
  readonly timeMs: number;
  readonly severity: Severity;
  /** The event as JSON, without a line end. */
  readonly json: string;
}

/** How many events of a kind and severity there were, those included that are not kept any more. */
export interface EventCount {
  readonly kind: AdminEvent["kind"];
  readonly severity: Severity;
  readonly count: number;
}

/** The last events, by ids that grow by one from 1. */
export interface EventLog {
  /** Of the oldest event that is kept; one more than `lastId` when none is. */
  readonly firstId: number;
  /** 0 before the first event. */
  readonly lastId: number;
  /** Gives the events ids and keeps them, then tells the listeners. */
  append(events: readonly DaemonEvent[]): readonly AdminEvent[];
  /** Null when it is not kept any more, or not yet. */
  get(id: number): LoggedEvent | null;
  /** The id before the first kept event that is not older. */
  idBefore(timeMs: number): number;
  /** Every kind that has come. */
  counts(): readonly EventCount[];
  /** Calls after each append. The disposable ends it. */
  onAppend(listener: () => void): Disposable;
}

/** Keeps at most `capacity` events, each as its text: some 300 bytes, or 2 KB for a change of a default. */
export function openEventLog(capacity: number, now: () => number = Date.now): EventLog {
  const ring: LoggedEvent[] = [];
  const listeners = new Set<() => void>();
  const counts = new Map<string, EventCount>();
  const count = ({ kind, severity }: DaemonEvent): void => {
    const key = `${kind} ${severity}`;
    counts.set(key, { kind, severity, count: (counts.get(key)?.count ?? 0) + 1 });
  };
  let lastId = 0;
  const firstId = (): number => lastId - ring.length + 1;
  const get = (id: number): LoggedEvent | null =>
    id < firstId() || id > lastId ? null : (ring[(id - 1) % capacity] ?? null);

  return {
    get firstId() {
      return firstId();
    },
    get lastId() {
      return lastId;
    },
    append: (events) => {
      const timeMs = now();
      const time = new Date(timeMs).toISOString();
      const views = events.map((event) => {
        lastId += 1;
        count(event);
        const view = viewEvent(event, lastId, time);
        ring[(lastId - 1) % capacity] = {
          id: lastId,
          timeMs,
          severity: event.severity,
          json: JSON.stringify(view),
        };
        return view;
      });
      for (const listener of listeners) listener();
      return views;
    },
    get,
    idBefore: (timeMs) => {
      let id = lastId;
      while ((get(id)?.timeMs ?? Number.NEGATIVE_INFINITY) >= timeMs) id -= 1;
      return id;
    },
    counts: () => [...counts.values()],
    onAppend: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
}
