import type { ChangeHint, ChangeSource } from "../platform.ts";

/** The kernel's end of a memory change source. */
export interface MemorySource extends ChangeSource {
  /** Rings; doors that already wait are not named twice. */
  ring(hint: ChangeHint): void;
  /** Ends the iteration with an error, as a socket that dies does. */
  fail(error: Error): void;
}

/** What the source asks of its kernel. */
export interface MemorySourceOwner {
  answersProbes(): boolean;
  closed(source: MemorySource): void;
}

interface Waiter {
  resolve(result: IteratorResult<readonly ChangeHint[], undefined>): void;
  reject(error: Error): void;
}

/** A change source that is rung by hand. */
export function openMemorySource(owner: MemorySourceOwner, signal: AbortSignal): MemorySource {
  let waiting = new Map<string, ChangeHint>();
  let waiter: Waiter | null = null;
  let failure: Error | null = null;
  let closed = false;

  const take = (): readonly ChangeHint[] => {
    const batch = [...waiting.values()];
    waiting = new Map();
    return batch;
  };

  const close = (): void => {
    if (closed) return;
    closed = true;
    signal.removeEventListener("abort", close);
    owner.closed(source);
    waiter?.resolve({ done: true, value: undefined });
    waiter = null;
  };

  const next = (): Promise<IteratorResult<readonly ChangeHint[], undefined>> => {
    if (closed) return Promise.resolve({ done: true, value: undefined });
    if (waiting.size > 0) return Promise.resolve({ done: false, value: take() });
    if (failure !== null) {
      const error = failure;
      close();
      return Promise.reject(error);
    }
    return new Promise((resolve, reject) => {
      waiter = { resolve, reject };
    });
  };

  const source: MemorySource = {
    ring(hint) {
      if (closed || failure !== null) return;
      waiting.set(doorOf(hint), hint);
      const awaited = waiter;
      waiter = null;
      awaited?.resolve({ done: false, value: take() });
    },
    fail(error) {
      if (closed) return;
      failure = error;
      const awaited = waiter;
      waiter = null;
      if (awaited === null) return;
      close();
      awaited.reject(error);
    },
    probe(timeoutMs, probeSignal) {
      if (closed) return Promise.resolve(false);
      if (failure === null && owner.answersProbes()) return Promise.resolve(true);
      return answerAfter(timeoutMs, probeSignal);
    },
    [Symbol.asyncIterator]: () => ({
      next,
      return: () => {
        close();
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
    [Symbol.dispose]: close,
  };

  if (signal.aborted) closed = true;
  else signal.addEventListener("abort", close, { once: true });
  return source;
}

function doorOf(hint: ChangeHint): string {
  switch (hint.kind) {
    case "interface":
      return `interface ${hint.index}`;
    case "defaults":
      return `defaults ${hint.family}`;
    case "all":
      return `all ${hint.reason}`;
    default:
      return hint satisfies never;
  }
}

function answerAfter(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve(false);
    };
    const timer = setTimeout(end, timeoutMs);
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
  });
}
