/** Stable names for what keeps the daemon from running. */
export type DaemonErrorCode =
  | "usage"
  | "config"
  | "already-running"
  | "not-permitted"
  /** What is there already forbids it, such as the journal of a newer version. */
  | "conflict"
  | "failed";

/** The daemon cannot go on. The message says what could not be done and why, the hint what to do next. */
export class DaemonError extends Error {
  override readonly name = "DaemonError";
  readonly code: DaemonErrorCode;
  readonly hint: string | null;

  constructor(code: DaemonErrorCode, message: string, hint: string | null, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }
}

const exitCodes: Readonly<Record<DaemonErrorCode, number>> = {
  failed: 1,
  usage: 2,
  config: 2,
  "already-running": 3,
  "not-permitted": 4,
  conflict: 5,
};

/** What the process exits with: 1 failed, 2 usage or config, 3 already running, 4 not permitted, 5 conflict. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof DaemonError) return exitCodes[error.code];
  return isRefusal(error) ? exitCodes["not-permitted"] : exitCodes.failed;
}

/** What to do next, for an error that says nothing of it itself. */
export function hintOf(error: unknown): string | null {
  if (error instanceof DaemonError) return error.hint;
  return isRefusal(error) ? "start it as a user who may, such as root" : null;
}

// The system's refusal is often the cause of the error that says what it kept us from.
function isRefusal(error: unknown): boolean {
  if (["permission", "EACCES", "EPERM"].includes(errorCode(error) ?? "")) return true;
  return error instanceof Error && error.cause !== undefined && isRefusal(error.cause);
}

/** The `code` that Node's and netwatch's errors carry, or null. */
export function errorCode(error: unknown): string | null {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === "string" ? code : null;
}
