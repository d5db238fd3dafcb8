/** Probes that wait for their answers, by number. */
export class ProbeAnswers {
  readonly #waiting = new Map<number, (alive: boolean) => void>();

  /** Waits for the answer to a probe; false when none came within the time, or before the signal aborts. */
  wait(probe: number, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (alive: boolean): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", giveUp);
        this.#waiting.delete(probe);
        resolve(alive);
      };
      const giveUp = (): void => end(false);
      const timer = setTimeout(giveUp, timeoutMs);
      this.#waiting.set(probe, end);
      signal.addEventListener("abort", giveUp, { once: true });
      if (signal.aborted) giveUp();
    });
  }

  /** An answer came; one that nobody waits for is nothing. */
  answered(probe: number): void {
    this.#waiting.get(probe)?.(true);
  }

  /** None will come any more. */
  end(): void {
    for (const end of [...this.#waiting.values()]) end(false);
  }
}
