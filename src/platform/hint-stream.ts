import type { ChangeHint } from "./platform.ts";

type Batch = readonly ChangeHint[];
type Result = IteratorResult<Batch, undefined>;

interface Waiter {
  resolve(result: Result): void;
  reject(error: Error): void;
}

/**
 * Doors that ring on one side and are fetched on the other, each once a batch, however often it rang: bounded by the
 * number of doors.
 */
export class HintStream {
  #doors = new Map<number | string, ChangeHint>();
  #waiter: Waiter | null = null;
  #failure: Error | null = null;
  #open = true;

  get open(): boolean {
    return this.#open;
  }

  /** Rings a door; `flush` tells who waits. */
  ring(hint: ChangeHint): void {
    const door = doorOf(hint);
    if (this.#open && !this.#doors.has(door)) this.#doors.set(door, hint);
  }

  /** Gives everything that rang to who waits for it. */
  flush(): void {
    if (this.#open && this.#doors.size === 0) return;
    const waiter = this.#waiter;
    this.#waiter = null;
    if (waiter !== null) this.next().then(waiter.resolve, waiter.reject);
  }

  /** Nothing rings any more; what has rung is dropped, unless there is a failure to be told after it. */
  end(failure: Error | null = null): void {
    if (!this.#open) return;
    this.#open = false;
    this.#failure = failure;
    this.flush();
  }

  /** The next batch, once something rang; the end, or the failure once. */
  next(): Promise<Result> {
    const rang = this.#doors.size > 0 && (this.#open || this.#failure !== null);
    if (rang) return Promise.resolve({ done: false, value: this.#take() });
    if (this.#open)
      return new Promise((resolve, reject) => {
        this.#waiter = { resolve, reject };
      });
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) return Promise.reject(failure);
    return Promise.resolve({ done: true, value: undefined });
  }

  #take(): Batch {
    const batch = [...this.#doors.values()];
    this.#doors = new Map();
    return batch;
  }
}

function doorOf(hint: ChangeHint): number | string {
  switch (hint.kind) {
    case "interface":
      return hint.index;
    case "defaults":
      return hint.suspected === true ? `${hint.family} suspected` : hint.family;
    case "all":
      return hint.reason;
    default:
      return hint satisfies never;
  }
}
