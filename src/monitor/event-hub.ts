import { createBroadcast } from "./broadcast.ts";
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
  const broadcast = createBroadcast<readonly MonitorEvent[]>();
  let published = 0;
  return {
    listen: broadcast.listen,
    publish(events) {
      if (events.length === 0) return;
      published += events.length;
      broadcast.tell(events);
    },
    published: () => published,
  };
}
