import {
  AdminClientError,
  type AdminClientErrorCode,
  isWithoutDaemon,
} from "../admin-client/admin-client-error.ts";
import { asSentence } from "../command-line/hint-sentence.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { printableText } from "./printable.ts";
import type { Session } from "./session.ts";

type CliErrorCode = "not-permitted" | "refused" | "usage";

const exitCodeOf: Readonly<Record<CliErrorCode | AdminClientErrorCode, ExitCode>> = {
  "no-daemon": exitCodes.noDaemon,
  "stale-socket": exitCodes.noDaemon,
  "bad-socket": exitCodes.usage,
  "not-permitted": exitCodes.notPermitted,
  "no-answer": exitCodes.failed,
  refused: exitCodes.failed,
  conflict: exitCodes.conflict,
  observing: exitCodes.conflict,
  "not-understood": exitCodes.failed,
  usage: exitCodes.usage,
};

export interface CliErrorDetails {
  /** What to do next, a sentence of its own. */
  readonly hint: string | null;
  readonly cause?: unknown;
  /** Instead of the one that the code stands for. */
  readonly exitCode?: number;
}

/** A command could not be carried out. The message says what and why; `hint` says what to do next. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly code: CliErrorCode;
  readonly hint: string | null;
  readonly exitCode: number;

  constructor(code: CliErrorCode, message: string, details: CliErrorDetails) {
    super(message, { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.exitCode = details.exitCode ?? exitCodeOf[code];
  }
}

/** Says on stderr what went wrong and what to do next, and gives the exit code. */
export async function reportError(
  error: unknown,
  { stderr, startCommand }: Pick<Session, "stderr" | "startCommand">,
): Promise<number> {
  if (error instanceof CliError || error instanceof AdminClientError) {
    const start = isWithoutDaemon(error) ? await startCommand?.() : undefined;
    const hint = error.hint?.replace("netwatchd start", start ?? "$&") ?? null;
    const next = hint === null ? "" : `${asSentence(printableText(hint))}\n`;
    stderr.write(`netwatch: ${printableText(error.message)}\n${next}`);
    return error instanceof CliError ? error.exitCode : exitCodeOf[error.code];
  }
  const message = error instanceof Error ? error.message : String(error);
  stderr.write(`netwatch: failed: ${printableText(message)}\n`);
  return exitCodes.failed;
}
