import type { ChangeHint, ChangeSource, Platform } from "../../src/platform/platform.ts";
import { until } from "../namespace/namespace.ts";

/** One change source, iterated, and what it has heard. */
export interface HintListener extends Disposable {
  /** Waits for a door, forgetting what it heard of that door up to now. */
  hears(what: string, door: ChangeHint): Promise<void>;
  /** Whether a door rang since it was last waited for. */
  heard(door: ChangeHint): boolean;
  /** Doors that one batch named more than once. */
  repeated(): readonly string[];
  ended(): boolean;
  failure(): unknown;
}

/** Opens a source and iterates it. */
export function listen(platform: Platform, signal: AbortSignal): HintListener {
  return listenTo(platform.changes(signal));
}

/** Iterates a source that is open. */
export function listenTo(source: ChangeSource): HintListener {
  const heard = new Set<string>();
  const repeated: string[] = [];
  let ended = false;
  let failure: unknown = null;

  const run = async (): Promise<void> => {
    try {
      for await (const batch of source) {
        const doors = batch.map((hint) => JSON.stringify(hint));
        repeated.push(...doors.filter((door, at) => doors.indexOf(door) !== at));
        for (const door of doors) heard.add(door);
      }
    } catch (error) {
      failure = error;
    }
    ended = true;
  };
  void run();

  return {
    async hears(what, door) {
      const wanted = JSON.stringify(door);
      await until(`${wanted} for ${what}`, () => heard.has(wanted));
      heard.delete(wanted);
    },
    heard: (door) => heard.has(JSON.stringify(door)),
    repeated: () => repeated,
    ended: () => ended,
    failure: () => failure,
    [Symbol.dispose]: () => source[Symbol.dispose](),
  };
}
