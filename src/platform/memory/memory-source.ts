import { HintStream } from "../hint-stream.ts";
import type { ChangeHint, ChangeSource } from "../platform.ts";
import { ProbeAnswers } from "../probe-answers.ts";

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

/** A change source that is rung by hand. */
export function openMemorySource(owner: MemorySourceOwner, signal: AbortSignal): MemorySource {
  const stream = new HintStream();
  const probes = new ProbeAnswers();
  let lastProbe = 0;
  const end = (failure: Error | null): void => {
    if (!stream.open) return;
    stream.end(failure);
    signal.removeEventListener("abort", close);
    owner.closed(source);
    probes.end();
  };
  const close = (): void => end(null);

  const source: MemorySource = {
    ring(hint) {
      stream.ring(hint);
      stream.flush();
    },
    fail: end,
    async probe(timeoutMs, probeSignal) {
      if (!stream.open) return false;
      lastProbe += 1;
      return owner.answersProbes() || probes.wait(lastProbe, timeoutMs, probeSignal);
    },
    [Symbol.asyncIterator]: () => ({
      next: () => stream.next(),
      return: () => {
        close();
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
    [Symbol.dispose]: close,
  };

  if (signal.aborted) stream.end();
  else signal.addEventListener("abort", close, { once: true });
  return source;
}
