import type { JournalError } from "./journal-error.ts";
import type { DamagedBytes, FileReading } from "./read-entries.ts";

/** What was found in a journal file, and what was done about it. */
export interface JournalReport {
  /** There was no file: a new one was made. */
  readonly created: boolean;
  /** The tail of a write that a crash cut short; it was never acknowledged. */
  readonly torn: DamagedBytes | null;
  /** Bytes elsewhere that hold no record. */
  readonly damaged: readonly DamagedBytes[];
  /** Records that are lost: their numbers are in no frame. */
  readonly missing: number;
  /** Records of a kind or shape that this version does not know: kept, not understood. */
  readonly unknown: number;
  /** The file's name in the state directory under which the damaged file is kept. */
  readonly quarantine: string | null;
  /** Why the file could not be mended, or null. What can be read is used all the same. */
  readonly mendFailure: JournalError | null;
}

/** The report of a file that was only read. */
export function reportOf(reading: FileReading | null): JournalReport {
  return {
    created: false,
    torn: reading?.torn ?? null,
    damaged: reading?.damaged ?? [],
    missing: reading?.missing ?? 0,
    unknown: reading?.entries.filter(({ record }) => record === null).length ?? 0,
    quarantine: null,
    mendFailure: null,
  };
}
