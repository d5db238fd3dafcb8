import type { MonitorEvent } from "./event.ts";

export type EventListener = (events: readonly MonitorEvent[]) => void;

/** Hands batches of events to whoever listens now. */
export interface EventHub {
  /** @returns a function that ends the listening */
  listen(listener: EventListener): () => void;
  publish(events: readonly MonitorEvent[]): void;
  /** Events published so far. */
  published(): number;
}

export function createEventHub(): EventHub {
  const listeners = new Set<EventListener>();
  let published = 0;
  return {
    listen(listener) {
      const own: EventListener = (events) => listener(events);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    publish(events) {
      if (events.length === 0) return;
      published += events.length;
      for (const listener of [...listeners]) {
        try {
          listener(events);
        } catch (error) {
          // A listener's mistake is the program's, and must not cost the others their events.
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    },
    published: () => published,
  };
}
