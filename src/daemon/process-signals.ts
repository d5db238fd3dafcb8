/** What the daemon needs of `process`. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  exit(code: number): void;
}

/** The signals that a daemon obeys. */
export interface DaemonSignals {
  /** Aborts with the first SIGINT or SIGTERM. The second one ends the process at once. */
  readonly signal: AbortSignal;
  /** Calls back on SIGHUP, until the function that it returns is called. A SIGHUP that nobody waits for is ignored. */
  onReload(listener: () => void): () => void;
}

/** Exit codes of a process that a signal ended: 128 and its number (signal(7)). */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/** Takes the signals over for the rest of the process's life. */
export function listenToSignals(source: SignalSource): DaemonSignals {
  const stop = new AbortController();
  const listeners = new Set<() => void>();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    source.on(name, () => {
      if (stop.signal.aborted) source.exit(exitCodes[name]);
      stop.abort();
    });
  }
  source.on("SIGHUP", () => {
    for (const listener of listeners) listener();
  });
  return {
    signal: stop.signal,
    onReload: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
