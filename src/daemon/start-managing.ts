import type { Management } from "../management/management.ts";
import type { KernelIdentity } from "../platform/route-control.ts";
import type { Journal } from "../routes/journal/journal.ts";
import { JournalError } from "../routes/journal/journal-error.ts";
import type { JournalReport } from "../routes/journal/journal-report.ts";
import type { LockHeld } from "../routes/journal/management-lock.ts";
import { openJournal } from "../routes/journal/open-journal.ts";
import { DaemonError } from "./daemon-error.ts";
import type { Logger } from "./logger.ts";
import { remedyOf } from "./route-trouble.ts";

/** The right to change routes, and the journal without which nothing is changed. Disposing of it gives both back. */
export interface Managing extends AsyncDisposable {
  readonly kind: "managing";
  readonly management: Management;
  readonly journal: Journal;
}

/** Nothing may be changed. */
export interface CannotManage {
  readonly kind: "cannot";
  /** What netwatchd could not do, and why: `cannot open the journal in …: …`. */
  readonly reason: string;
  /** What to do about it. */
  readonly remedy: string;
}

/**
 * Takes the lock of the network namespace, then opens the journal.
 *
 * @throws DaemonError `already-running` when somebody else manages this namespace, `conflict` when the journal is of
 *   a newer version
 */
export async function startManaging(
  management: Management,
  log: Logger,
): Promise<Managing | CannotManage> {
  const lock = await management.lock();
  if (lock.kind === "held") throw heldError(lock, management.control.identity());
  try {
    const { control, directory, moment } = management;
    const journal = await openJournal(directory, control.identity(), { now: moment });
    sayReport(journal.report, log);
    return {
      kind: "managing",
      management,
      journal,
      async [Symbol.asyncDispose]() {
        await journal[Symbol.asyncDispose]();
        await lock[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    if (!(error instanceof JournalError)) throw error;
    if (error.code === "newer-version") throw newerError(error);
    const remedy = `${remedyOf(error)} or name another directory with --state-dir, then start netwatchd again`;
    return { kind: "cannot", reason: error.message, remedy };
  }
}

function heldError({ by }: LockHeld, { namespaceCookie }: KernelIdentity): DaemonError {
  const where = namespaceCookie === "0" ? "host" : "network namespace";
  const who = by === null ? "another process" : `process ${by.pid} of user ${by.uid}`;
  return new DaemonError(
    "already-running",
    `cannot manage routes: ${who} manages those of this ${where} already`,
    "end that one first, or start with --observe to watch beside it",
  );
}

function newerError(cause: JournalError): DaemonError {
  return new DaemonError(
    "conflict",
    cause.message,
    "start the newer netwatchd, run the restore of the newer netwatch, or watch only with --observe",
    { cause },
  );
}

function sayReport(
  { damaged, missing, quarantine, mendFailure }: JournalReport,
  log: Logger,
): void {
  if (damaged.length > 0)
    log.warn("the journal was damaged; everything that can be read is used", {
      places: damaged.length,
      lostRecords: missing,
      keptAs: quarantine,
    });
  if (mendFailure !== null) log.warn("the journal could not be mended", { error: mendFailure });
}
