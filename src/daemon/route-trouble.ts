import { PlatformError } from "../platform/platform-error.ts";
import { JournalError, type JournalErrorCode } from "../routes/journal/journal-error.ts";
import { AdminError } from "./admin-error.ts";

const byItself = "netwatchd then goes on by itself";

const remedies: Readonly<Record<JournalErrorCode, string>> = {
  "disk-full": "make room on that disk",
  "read-only": "mount that file system writable",
  "not-permitted": "let netwatchd's user write there",
  unsafe: "give it to the user that netwatchd runs as, writable by nobody else",
  changed: "start netwatchd again, which then reads it anew",
  "newer-version": "start the newer netwatchd",
  "invalid-record": "report this: it is a mistake in netwatch",
  closed: "start netwatchd again",
  failed: "mend that",
};

/** What to do about a journal that cannot be used. */
export function remedyOf({ code }: JournalError): string {
  return remedies[code];
}

/** Why routes are not looked after now, with what to do, in one sentence. */
export function describeTrouble(error: Error): string {
  return `routes are not looked after: ${error.message}; ${nextOf(error)}`;
}

/** Runs what was asked for; what the journal or the system refuses is told to whoever asked. */
export async function tellRefusal<Answer>(work: () => Answer | Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof JournalError || cause instanceof PlatformError)) throw cause;
    throw refusalOf(cause);
  }
}

/** What the journal or the system refused, and what to do, each a sentence; null for any other error. */
export function describeRefusal(error: unknown): readonly [string, string] | null {
  if (!(error instanceof JournalError || error instanceof PlatformError)) return null;
  return [sentence(error.message), sentence(nextOf(error))];
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

function refusalOf(cause: JournalError | PlatformError): AdminError {
  return new AdminError(503, "not-possible", cause.message, nextOf(cause), { cause });
}

function nextOf(error: Error): string {
  if (error instanceof JournalError) {
    const isLasting = ["changed", "newer-version", "closed", "invalid-record"].includes(error.code);
    return isLasting ? remedyOf(error) : `${remedyOf(error)}, ${byItself}`;
  }
  return "netwatchd tries again by itself";
}
