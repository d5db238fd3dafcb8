/** Events that wait to be taken, oldest first; beyond `capacity` the oldest go, and are counted. */
export interface EventQueue<Event> {
  push(events: readonly Event[]): void;
  /** What came meanwhile, and how many are missing before it; resolves with nothing when the signal aborts. */
  take(
    signal: AbortSignal,
  ): Promise<{ readonly missed: number; readonly events: readonly Event[] }>;
}

export function createEventQueue<Event>(capacity: number): EventQueue<Event> {
  let waiting: Event[] = [];
  let missed = 0;
  let wake: () => void = () => undefined;
  return {
    push(events) {
      waiting.push(...events);
      const surplus = waiting.length - capacity;
      if (surplus > 0) {
        missed += surplus;
        waiting = waiting.slice(surplus);
      }
      wake();
    },
    async take(signal) {
      if (waiting.length === 0 && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
      }
      const taken = { missed, events: waiting };
      waiting = [];
      missed = 0;
      return taken;
    },
  };
}
