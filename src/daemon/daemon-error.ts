/** Stable names for what keeps the daemon from running. */
export type DaemonErrorCode = "usage" | "config" | "already-running" | "not-permitted" | "failed";

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
};

/** What the process exits with: 1 failed, 2 usage or config, 3 already running, 4 not permitted. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof DaemonError) return exitCodes[error.code];
  return errorCode(error) === "permission" ? exitCodes["not-permitted"] : exitCodes.failed;
}

/** The `code` that Node's and netwatch's errors carry, or null. */
export function errorCode(error: unknown): string | null {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === "string" ? code : null;
}
