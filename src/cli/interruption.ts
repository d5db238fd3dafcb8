/** A signal that aborts when the user (Ctrl-C), the system (SIGTERM) or the closed terminal ends the program. */
export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
}

const endings = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Takes those signals over until it is disposed of: for a command that runs until it is told to stop. */
export function listenForInterruption(): Interruption {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  for (const ending of endings) process.on(ending, stop);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const ending of endings) process.off(ending, stop);
    },
  };
}
