import { entryFromFact, type JournalMoment } from "./journal/journal-entry.ts";
import { JournalError } from "./journal/journal-error.ts";
import type { JournalFact, JournalIdentity, JournalRecord } from "./journal/record.ts";

/** What plans and steps need of a journal. */
export interface JournalPort {
  readonly identity: JournalIdentity;
  /** Only what is on the disk. */
  readonly records: readonly JournalRecord[];
  /**
   * Resolves when the facts are on the disk.
   *
   * @throws JournalError; then nothing may be done that rests on them
   */
  append(facts: readonly JournalFact[]): Promise<void>;
}

/**
 * A journal that can be read and not be written, for a restore where the disk is full or read-only: what is owed
 * can be brought back all the same. What is done is remembered only as long as this lives, and no debt can be
 * opened.
 */
export function readOnlyJournal(
  records: readonly JournalRecord[],
  identity: JournalIdentity,
  now: () => JournalMoment,
): JournalPort {
  let all = records;
  return {
    identity,
    get records() {
      return all;
    },
    async append(facts) {
      if (facts.some(({ kind }) => kind === "displaced"))
        throw new JournalError("read-only", "open a debt", "the journal cannot be written");
      const entries = facts.map((fact) => entryFromFact(fact, identity, now()));
      all = [...all, ...entries.flatMap(({ record }) => record ?? [])];
    },
  };
}
