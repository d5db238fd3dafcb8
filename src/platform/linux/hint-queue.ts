import type { ChangeHint } from "../../platform/platform.ts";
import type { HintBatch } from "./message-hint.ts";

/** Doors that rang and wait to be fetched, each once, however often it rings: bounded by the number of doors. */
export class HintQueue implements HintBatch {
  #doors = new Map<number | string, ChangeHint>();

  get empty(): boolean {
    return this.#doors.size === 0;
  }

  ring(hint: ChangeHint): void {
    const door = doorOf(hint);
    if (!this.#doors.has(door)) this.#doors.set(door, hint);
  }

  /** Everything that waits, in the order in which it first rang; the queue is empty afterwards. */
  take(): readonly ChangeHint[] {
    const hints = [...this.#doors.values()];
    this.#doors = new Map();
    return hints;
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
