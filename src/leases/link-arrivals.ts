import type { LeasableLink } from "./binding.ts";

/** Waits for interfaces that were only just made: who makes one asks for its lease at once. */
export interface LinkArrivals {
  /** The interface of a name once it is there and usable, or as it is when the wait is over. */
  find(name: string, what: "uplink" | "default"): Promise<LeasableLink | null>;
  isAwaited(name: string): boolean;
  /** The network may have changed. */
  look(): void;
  /** Ends every wait. */
  end(): void;
}

const longestWaitMs = 1_500;

export function awaitLinks(
  links: () => ReadonlyMap<number, LeasableLink>,
  uptimeMs: () => number,
): LinkArrivals {
  const waiting = new Map<() => void, string>();
  let ended = false;
  const find = (name: string): LeasableLink | null =>
    [...links().values()].find((link) => link.name === name) ?? null;
  const wait = (name: string, waitMs: number): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(alarm);
        waiting.delete(wake);
        resolve();
      };
      const alarm = setTimeout(wake, waitMs);
      waiting.set(wake, name);
    });
  const wakeAll = (): void => {
    for (const wake of [...waiting.keys()]) wake();
  };
  return {
    async find(name, what) {
      const deadline = uptimeMs() + longestWaitMs;
      for (;;) {
        const link = find(name);
        const isUsable = link?.up === true && link.addresses.length > 0;
        const leftMs = deadline - uptimeMs();
        if (isUsable || (link !== null && what === "uplink") || leftMs <= 0 || ended) return link;
        await wait(name, leftMs);
      }
    },
    isAwaited: (name) => [...waiting.values()].includes(name),
    look: wakeAll,
    end() {
      ended = true;
      wakeAll();
    },
  };
}
