import type { IpFamily } from "../network/address.ts";
import type { GoodFact } from "../routes/guard/last-known-good.ts";
import type { JournalPort } from "../routes/journal-port.ts";
import type { Logger } from "./logger.ts";

/** Writes down what is known of good defaults, and what could not be written again later. */
export interface GoodRecord {
  write(fact: GoodFact): void;
  /** Tries what is not on the disk yet once more. */
  retry(): void;
  /**
   * Resolves when everything is on the disk.
   *
   * @throws JournalError
   */
  written(): Promise<void>;
}

export function recordGood(journal: Pick<JournalPort, "append">, log: Logger): GoodRecord {
  /** The newest of each family counts. */
  const owed = new Map<IpFamily, GoodFact>();
  let turn: Promise<void> = Promise.resolve();
  let trouble = "";

  const flushAll = async (): Promise<void> => {
    if (owed.size === 0) return;
    const facts = [...owed.values()];
    await journal.append(facts);
    trouble = "";
    for (const fact of facts) {
      log.debug(`journal: ${fact.kind}`, { family: fact.family });
      if (owed.get(fact.family) === fact) owed.delete(fact.family);
    }
  };
  const flush = (): Promise<void> => {
    turn = turn.catch(() => undefined).then(flushAll);
    return turn;
  };
  const quietly = (): void => {
    flush().catch((error: unknown) => {
      const words = error instanceof Error ? error.message : String(error);
      if (words !== trouble)
        log.warn(`what is known of good defaults could not be written down: ${words}`);
      trouble = words;
    });
  };
  return {
    write(fact) {
      owed.set(fact.family, fact);
      quietly();
    },
    retry: quietly,
    written: flush,
  };
}
