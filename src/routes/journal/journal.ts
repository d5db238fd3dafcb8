import { compactEntries } from "./compaction.ts";
import { entryFromFact, type JournalEntry, type JournalMoment } from "./journal-entry.ts";
import { JournalError, journalErrorFrom } from "./journal-error.ts";
import { encodeEntries, renumbered, rewriteFile, writeAll } from "./journal-file.ts";
import type { JournalReport } from "./journal-report.ts";
import type { JournalFact, JournalIdentity, JournalRecord } from "./record.ts";
import { lineEnd } from "./record-frame.ts";
import type { StateDirectory, StateFile } from "./state-directory.ts";

export interface JournalOptions {
  readonly now: () => JournalMoment;
  /** The file is rewritten without what is over when it grows beyond this. */
  readonly limitBytes: number;
}

/** A journal file as `openJournal` left it. */
export interface OpenedFile {
  readonly file: StateFile;
  readonly size: number;
  readonly entries: readonly JournalEntry[];
  /** The highest sequence number that was ever seen. */
  readonly sequence: number;
  /** The last line has no end yet. */
  readonly unterminated: boolean;
  /** A name was made or moved and may not be on the disk. */
  readonly directoryUnsynced: boolean;
  readonly report: JournalReport;
}

interface Batch {
  readonly entries: JournalEntry[];
  readonly written: Promise<void>;
}

/**
 * The open journal of one kernel. What `append` has acknowledged is on the disk and survives a crash; what it
 * refused may be found later all the same, which does no harm, because a record says only what is true when it
 * is written.
 */
export class Journal implements AsyncDisposable {
  readonly identity: JournalIdentity;
  /** What was found and done when it was opened. */
  readonly report: JournalReport;
  readonly #directory: StateDirectory;
  readonly #options: JournalOptions;
  #file: StateFile;
  #size: number;
  #entries: readonly JournalEntry[];
  #records: JournalRecord[];
  #sequence: number;
  #unterminated: boolean;
  #directoryUnsynced: boolean;
  /** Bytes of a refused batch may stand behind the end. */
  #tailUnclean = false;
  #rotateAtBytes: number;
  #rotationFailure: JournalError | null = null;
  #batch: Batch | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** For `openJournal`. */
  constructor(
    directory: StateDirectory,
    identity: JournalIdentity,
    options: JournalOptions,
    opened: OpenedFile,
  ) {
    this.identity = identity;
    this.report = opened.report;
    this.#directory = directory;
    this.#options = options;
    this.#file = opened.file;
    this.#size = opened.size;
    this.#entries = opened.entries;
    this.#records = recordsOf(opened.entries);
    this.#sequence = opened.sequence;
    this.#unterminated = opened.unterminated;
    this.#directoryUnsynced = opened.directoryUnsynced;
    this.#rotateAtBytes = Math.max(options.limitBytes, 2 * opened.size);
  }

  /** Every record that can be read, in the order of writing, other kernels' too. */
  get records(): readonly JournalRecord[] {
    return this.#records;
  }

  /** Bytes of the file. */
  get size(): number {
    return this.#size;
  }

  /** Why the file could not be rewritten though it is large, or null. Records are safe all the same. */
  get rotationFailure(): JournalError | null {
    return this.#rotationFailure;
  }

  /**
   * Writes records and resolves when they are on the disk: one write and one fsync. Calls made while another
   * waits share them.
   *
   * @throws JournalError; then nothing may be done that rests on the records
   */
  async append(facts: readonly JournalFact[]): Promise<void> {
    if (this.#closed) throw new JournalError("closed", `write to ${this.#path}`, "it is closed");
    const moment = this.#options.now();
    const entries = facts.map((fact) => entryFromFact(fact, this.identity, moment));
    if (entries.length === 0) return;
    this.#batch ??= this.#openBatch();
    this.#batch.entries.push(...entries);
    await this.#batch.written;
  }

  /**
   * Rewrites the file without what is over.
   *
   * @throws JournalError; then the old file stands and goes on being written
   */
  rotate(): Promise<void> {
    return this.#inTurn(() => this.#rotate());
  }

  /** Finishes what was begun and closes the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#turn;
    await this.#file[Symbol.asyncDispose]();
  }

  get #path(): string {
    return `the journal in ${this.#directory.path}`;
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #openBatch(): Batch {
    const entries: JournalEntry[] = [];
    const written = this.#inTurn(async () => {
      this.#batch = null;
      await this.#write(entries);
      if (this.#size > this.#rotateAtBytes) void this.#inTurn(() => this.#rotateIfLarge());
    });
    return { entries, written };
  }

  async #write(unnumbered: readonly JournalEntry[]): Promise<void> {
    const entries = renumbered(unnumbered, this.#sequence + 1);
    const lines = encodeEntries(entries);
    const bytes = this.#unterminated ? Buffer.concat([Buffer.of(lineEnd), lines]) : lines;
    try {
      await this.#makeReady();
      await this.#writeDurably(bytes);
    } catch (error) {
      throw journalErrorFrom(`write to ${this.#path}`, error);
    }
    this.#size += bytes.length;
    this.#unterminated = false;
    this.#sequence += entries.length;
    this.#entries = [...this.#entries, ...entries];
    this.#records = [...this.#records, ...recordsOf(entries)];
  }

  async #writeDurably(bytes: Uint8Array): Promise<void> {
    try {
      await writeAll(this.#file, bytes, this.#size);
      await this.#file.sync();
    } catch (error) {
      this.#tailUnclean = true;
      await this.#cleanTail().catch(() => undefined);
      throw error;
    }
  }

  /** Undoes what an earlier failure left, and refuses a file that somebody else has touched. */
  async #makeReady(): Promise<void> {
    if (this.#directoryUnsynced) {
      await this.#directory.sync();
      this.#directoryUnsynced = false;
    }
    if (this.#tailUnclean) await this.#cleanTail();
    const { size, links } = await this.#file.facts();
    const why =
      links === 0
        ? "somebody else removed or replaced it"
        : size === this.#size
          ? null
          : `it has ${size} bytes instead of ${this.#size}: somebody else wrote to it`;
    if (why !== null) throw new JournalError("changed", `write to ${this.#path}`, why);
  }

  async #cleanTail(): Promise<void> {
    await this.#file.truncate(this.#size);
    this.#tailUnclean = false;
  }

  async #rotate(): Promise<void> {
    if (this.#closed) throw new JournalError("closed", `rotate ${this.#path}`, "it is closed");
    try {
      await this.#makeReady();
      const kept = compactEntries(
        this.#entries,
        this.identity.bootId,
        this.#options.limitBytes / 4,
      );
      const entries = renumbered(kept, this.#sequence + 1);
      const { file, size } = await rewriteFile(this.#directory, entries, false);
      const old = this.#file;
      this.#file = file;
      this.#size = size;
      this.#unterminated = false;
      this.#directoryUnsynced = true;
      this.#sequence += entries.length;
      this.#entries = entries;
      this.#records = recordsOf(entries);
      this.#rotateAtBytes = Math.max(this.#options.limitBytes, 2 * size);
      await old[Symbol.asyncDispose]();
      await this.#directory.sync();
      this.#directoryUnsynced = false;
      this.#rotationFailure = null;
    } catch (error) {
      throw journalErrorFrom(`rotate ${this.#path}`, error);
    }
  }

  async #rotateIfLarge(): Promise<void> {
    if (this.#closed || this.#size <= this.#rotateAtBytes) return;
    try {
      await this.#rotate();
    } catch (error) {
      this.#rotationFailure = journalErrorFrom(`rotate ${this.#path}`, error);
      this.#rotateAtBytes = this.#size + this.#options.limitBytes / 4;
    }
  }
}

function recordsOf(entries: readonly JournalEntry[]): JournalRecord[] {
  return entries.flatMap(({ record }) => record ?? []);
}
