import type { ChangeHint, ChangeSource, Platform } from "../platform/platform.ts";
import { createBackoff } from "./backoff.ts";
import { pause } from "./pause.ts";

/** Keeps an event source open. */
export interface SourceSupervisor {
  /** A source is open, and it answered the last probe if there was one. */
  alive(): boolean;
  /** Why it is not, for a user; null while it is. */
  trouble(): string | null;
  /** How often a source was opened after the first. */
  reopened(): number;
  /** Asks the source for a sign of life, twice before it is closed and opened anew. */
  probe(): Promise<void>;
  /** Settles when the signal has aborted and the source is closed. */
  readonly finished: Promise<void>;
}

export interface SourceListener {
  heard(hints: readonly ChangeHint[]): void;
  /** A source is open again: what changed in between was not heard. */
  reopened(): void;
  /** `trouble()` has changed. May be called before `superviseSource()` returns. */
  changed(alive: boolean): void;
}

const firstBackoffMs = 50;
const longestBackoffMs = 30_000;
/** A source that lived so long was a good one: the next failure starts from the shortest backoff. */
const goodLifeMs = 30_000;
const probeTimeoutMs = 2_000;
/** A message may be held up by a busy event loop once; not twice. */
const probesBeforeReopen = 2;

/** The first source is opened before this returns, or its refusal is known. */
export function superviseSource(
  platform: Platform,
  listener: SourceListener,
  random: () => number,
  signal: AbortSignal,
): SourceSupervisor {
  const backoff = createBackoff(firstBackoffMs, longestBackoffMs, random);
  let source: ChangeSource | null = null;
  let attempts = 0;
  let opened = 0;
  let trouble: string | null = "the source of kernel messages is not open yet";
  let suspect = false;
  let probing = false;

  const setTrouble = (text: string | null): void => {
    if (text === trouble) return;
    trouble = text;
    listener.changed(text === null);
  };

  const open = (): ChangeSource | null => {
    attempts += 1;
    try {
      const fresh = platform.changes(signal);
      opened += 1;
      return fresh;
    } catch (error) {
      setTrouble(`kernel messages cannot be heard, so changes are found late: ${textOf(error)}`);
      return null;
    }
  };

  const listen = async (current: ChangeSource): Promise<void> => {
    source = current;
    if (!suspect) setTrouble(null);
    const again = attempts > 1;
    if (again) listener.reopened();
    if (suspect) void probe();
    try {
      for await (const hints of current) listener.heard(hints);
      if (!suspect && !signal.aborted)
        setTrouble("the source of kernel messages ended; opening another");
    } catch (error) {
      setTrouble(`the source of kernel messages was lost; opening another: ${textOf(error)}`);
    } finally {
      source = null;
      current[Symbol.dispose]();
    }
  };

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      const current = open();
      const openedAt = performance.now();
      if (current !== null) await listen(current);
      if (signal.aborted) return;
      if (current !== null && !suspect && performance.now() - openedAt >= goodLifeMs)
        backoff.reset();
      await pause(backoff.next(), signal);
    }
  };

  const answers = async (asked: ChangeSource): Promise<boolean> => {
    try {
      return await asked.probe(probeTimeoutMs, signal);
    } catch {
      // A probe that cannot even be sent is one more that was not answered.
      return false;
    }
  };

  const probe = async (): Promise<void> => {
    const asked = source;
    if (asked === null || probing) return;
    probing = true;
    try {
      for (let misses = 0; misses < probesBeforeReopen; misses += 1) {
        if (await answers(asked)) {
          if (asked !== source) return;
          suspect = false;
          setTrouble(null);
          return;
        }
        if (signal.aborted || asked !== source) return;
      }
      suspect = true;
      setTrouble("the source of kernel messages does not answer; opening another");
      asked[Symbol.dispose]();
    } finally {
      probing = false;
    }
  };

  return {
    alive: () => trouble === null,
    trouble: () => trouble,
    reopened: () => Math.max(0, opened - 1),
    probe,
    finished: run(),
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
