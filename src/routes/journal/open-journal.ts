import { compactEntries } from "./compaction.ts";
import { Journal, type JournalOptions, type OpenedFile } from "./journal.ts";
import { journalErrorFrom } from "./journal-error.ts";
import {
  createEmpty,
  openExisting,
  removeUnfinished,
  renumbered,
  rewriteFile,
} from "./journal-file.ts";
import { type JournalReport, reportOf } from "./journal-report.ts";
import { type FileReading, readEntries } from "./read-entries.ts";
import type { JournalIdentity, JournalRecord } from "./record.ts";
import type { StateDirectory, StateFile } from "./state-directory.ts";

const defaultLimitBytes = 1024 * 1024;

/**
 * Opens the journal, or makes an empty one. A torn tail is cut; a damaged file is kept under another name and
 * rewritten with everything that can be read; where it cannot be rewritten it is used as it is. One process at
 * a time may have it open for one namespace: the management lock sees to that.
 *
 * @throws JournalError; `newer-version` before anything was changed
 */
export async function openJournal(
  directory: StateDirectory,
  identity: JournalIdentity,
  options: Pick<JournalOptions, "now"> & Partial<JournalOptions>,
): Promise<Journal> {
  const complete = { limitBytes: defaultLimitBytes, ...options };
  try {
    await directory.prepare();
    const existing = await openExisting(directory, "write");
    const opened =
      existing === null
        ? await created(directory)
        : await recovered(directory, existing, identity.bootId, complete.limitBytes);
    return new Journal(directory, identity, complete, opened);
  } catch (error) {
    throw journalErrorFrom(`open the journal in ${directory.path}`, error);
  }
}

/**
 * Reads the journal and changes nothing, also while another process writes it: for a dry run, and for where the
 * directory cannot be written. A missing file is an empty journal.
 *
 * @throws JournalError
 */
export async function readJournal(
  directory: StateDirectory,
  bootId: string,
): Promise<{ readonly records: readonly JournalRecord[]; readonly report: JournalReport }> {
  try {
    await using file = await openExisting(directory, "read");
    const reading = file && (await readEntries(file, directory.path, bootId));
    return {
      records: reading?.entries.flatMap(({ record }) => record ?? []) ?? [],
      report: reportOf(reading),
    };
  } catch (error) {
    throw journalErrorFrom(`read the journal in ${directory.path}`, error);
  }
}

async function created(directory: StateDirectory): Promise<OpenedFile> {
  const file = await createEmpty(directory);
  return {
    file,
    size: 0,
    entries: [],
    sequence: 0,
    unterminated: false,
    directoryUnsynced: false,
    report: { ...reportOf(null), created: true },
  };
}

async function recovered(
  directory: StateDirectory,
  file: StateFile,
  bootId: string,
  limitBytes: number,
): Promise<OpenedFile> {
  try {
    const reading = await readEntries(file, directory.path, bootId);
    await removeUnfinished(directory);
    if (reading.torn !== null) await file.truncate(reading.size);
    // What was read may stand in memory only: its writer can have died between a write or a rename and the
    // sync behind it. From now on it is acted upon, so it must not vanish any more.
    await file.sync();
    await directory.sync();
    const opened: OpenedFile = {
      file,
      size: reading.size,
      entries: reading.entries,
      sequence: reading.entries.at(-1)?.sequence ?? 0,
      unterminated: reading.unterminated,
      directoryUnsynced: false,
      report: reportOf(reading),
    };
    const mend = reading.damaged.length > 0 || reading.singles > 0 || reading.size > limitBytes;
    return mend ? await mended(directory, opened, reading, bootId, limitBytes) : opened;
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

/** The same journal in a new file without damage; the old one where that cannot be had. */
async function mended(
  directory: StateDirectory,
  opened: OpenedFile,
  reading: FileReading,
  bootId: string,
  limitBytes: number,
): Promise<OpenedFile> {
  const kept =
    reading.size > limitBytes
      ? compactEntries(reading.entries, bootId, limitBytes / 4)
      : reading.entries;
  const entries = renumbered(kept, opened.sequence + 1);
  try {
    const { file, size, keptAs } = await rewriteFile(
      directory,
      entries,
      reading.damaged.length > 0,
    );
    await opened.file[Symbol.asyncDispose]();
    const directoryUnsynced = await directory.sync().then(
      () => false,
      () => true,
    );
    return {
      file,
      size,
      entries,
      sequence: entries.at(-1)?.sequence ?? opened.sequence,
      unterminated: false,
      directoryUnsynced,
      report: { ...opened.report, quarantine: keptAs },
    };
  } catch (error) {
    const mendFailure = journalErrorFrom(`mend the journal in ${directory.path}`, error);
    return { ...opened, report: { ...opened.report, mendFailure } };
  }
}
