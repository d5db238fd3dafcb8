import { copiesOf, type JournalEntry } from "./journal-entry.ts";
import { errnoName, JournalError } from "./journal-error.ts";
import { encodeFrame } from "./record-frame.ts";
import type { StateDirectory, StateFile } from "./state-directory.ts";

/** The journal's name in the state directory. */
const journalName = "journal";
const unfinishedName = "journal.new";
const damagedName = "journal.damaged";
const mostDamagedFiles = 100;

/** The journal, or null when there is none yet. */
export async function openExisting(
  directory: StateDirectory,
  access: "read" | "write",
): Promise<StateFile | null> {
  try {
    return await directory.open(journalName, access);
  } catch (error) {
    if (errnoName(error) === "ENOENT") return null;
    throw error;
  }
}

/** Makes an empty journal whose name is on the disk. */
export async function createEmpty(directory: StateDirectory): Promise<StateFile> {
  const file = await directory.create(journalName);
  try {
    await directory.sync();
    return file;
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

/** Removes what a rewriting that did not finish has left. */
export async function removeUnfinished(directory: StateDirectory): Promise<void> {
  try {
    await directory.remove(unfinishedName);
  } catch (error) {
    if (errnoName(error) !== "ENOENT") throw error;
  }
}

/** Gives entries new sequence numbers, from this one on without a gap. */
export function renumbered(
  entries: readonly JournalEntry[],
  first: number,
): readonly JournalEntry[] {
  return entries.map((entry, at) => ({ ...entry, sequence: first + at }));
}

/** The bytes of entries: each once, then those that stand in two places once more. */
export function encodeEntries(entries: readonly JournalEntry[]): Buffer {
  const copies = entries.filter((entry) => copiesOf(entry) === 2);
  return Buffer.concat(
    [...entries, ...copies].map(({ sequence, text }) => encodeFrame(sequence, text)),
  );
}

/** Writes all bytes; a short write is gone on with, so that the system says why it was short. */
export async function writeAll(file: StateFile, bytes: Uint8Array, at: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const count = await file.write(bytes.subarray(written), at + written);
    if (count === 0) throw new JournalError("failed", "write", "the system wrote nothing");
    written += count;
  }
}

/** A journal written anew: it has the name, and the directory has yet to be synced. */
export interface RewrittenFile {
  readonly file: StateFile;
  readonly size: number;
  /** The name under which the old file is kept, if it is. */
  readonly keptAs: string | null;
}

/**
 * Puts a new file with these entries in the place of the journal: write, fsync, rename. Until the rename the
 * old one stands untouched; a failure leaves it so.
 */
export async function rewriteFile(
  directory: StateDirectory,
  entries: readonly JournalEntry[],
  keepOld: boolean,
): Promise<RewrittenFile> {
  await removeUnfinished(directory);
  const file = await directory.create(unfinishedName);
  try {
    const bytes = encodeEntries(entries);
    await writeAll(file, bytes, 0);
    await file.sync();
    const keptAs = keepOld ? await keepDamaged(directory) : null;
    await directory.rename(unfinishedName, journalName);
    return { file, size: bytes.length, keptAs };
  } catch (error) {
    await file[Symbol.asyncDispose]();
    await removeUnfinished(directory).catch(() => undefined);
    throw error;
  }
}

/** Gives the journal a second name that nothing here ever removes. */
async function keepDamaged(directory: StateDirectory): Promise<string> {
  for (let number = 1; number <= mostDamagedFiles; number += 1) {
    const name = `${damagedName}-${number}`;
    try {
      await directory.link(journalName, name);
      return name;
    } catch (error) {
      if (errnoName(error) !== "EEXIST") throw error;
    }
  }
  const why = `${mostDamagedFiles} damaged files are kept already`;
  throw new JournalError("failed", `keep a damaged file in ${directory.path}`, why);
}
