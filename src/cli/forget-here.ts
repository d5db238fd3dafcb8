import type { ForgetAnswer } from "../admin-api/route-change-schema.ts";
import { viewDefault } from "../daemon/default-view.ts";
import { ipFamilies } from "../network/address.ts";
import { JournalError } from "../routes/journal/journal-error.ts";
import { foldJournal } from "../routes/journal/journal-state.ts";
import type { LockHeld } from "../routes/journal/management-lock.ts";
import { openJournal, readJournal } from "../routes/journal/open-journal.ts";
import { CliError } from "./cli-error.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { type DaemonFiles, openManagementHere } from "./management-here.ts";
import type { Session } from "./session.ts";

/**
 * Forgets the last known good defaults without a daemon, and gives what was known. Where nothing is known nothing is
 * written.
 *
 * @throws CliError when another process manages the routes, or the journal cannot be used; DaemonError when the
 *   configuration is bad; PlatformError
 */
export async function forgetHere(
  session: Session,
  files: DaemonFiles,
  action: string,
): Promise<ForgetAnswer> {
  await using here = await openManagementHere(session, files);
  const { control, directory, lock, moment } = here.management;
  const identity = control.identity();
  try {
    const held = await lock();
    if (held.kind === "held") throw managedBy(held, action);
    await using _ = held;
    const { records } = await readJournal(directory, identity.bootId);
    const { lastKnownGood } = foldJournal(records, identity);
    const known = ipFamilies.flatMap((family) => lastKnownGood[family] ?? []);
    if (known.length > 0) {
      await using journal = await openJournal(directory, identity, { now: moment });
      await journal.append(
        known.map(({ family }) => ({ kind: "last-known-good-void", family, reason: "forgotten" })),
      );
    }
    return {
      forgotten: known.map(({ family, route, interfaces }) => {
        const names = new Map(interfaces.map(({ index, name }) => [index, name]));
        return { family, default: viewDefault(route, "default", names) };
      }),
    };
  } catch (error) {
    throw error instanceof JournalError ? unusable(error, action) : error;
  }
}

function managedBy({ by }: LockHeld, action: string): CliError {
  const who = by === null ? "another process" : `process ${by.pid} of user ${by.uid}`;
  const message = `cannot ${action}: ${who} manages the routes of this network namespace`;
  return new CliError("refused", message, {
    hint: "If it is netwatchd, name its socket with --socket; else end it and try again.",
    exitCode: exitCodes.noDaemon,
  });
}

function unusable(cause: JournalError, action: string): CliError {
  const isForbidden = cause.code === "not-permitted";
  const exitCode: ExitCode = isForbidden ? exitCodes.notPermitted : exitCodes.conflict;
  return new CliError("refused", `cannot ${action}: ${cause.message}`, {
    hint: isForbidden
      ? "Run it as root: sudo netwatch routes forget"
      : "Mend that, then run it again.",
    exitCode,
    cause,
  });
}
