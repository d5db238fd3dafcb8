/** Why netwatchd could not be asked, or would not do it; programs match on these. */
export type AdminClientErrorCode =
  /** There is no socket. */
  | "no-daemon"
  /** There is a socket at which nothing listens. */
  | "stale-socket"
  /** The path that was named can be no socket's. */
  | "bad-socket"
  | "not-permitted"
  | "no-answer"
  | "refused"
  /** Something that stands is in the way. */
  | "conflict"
  /** The daemon only watches. */
  | "observing"
  | "not-understood";

/** netwatchd could not be asked, or refused. The message says what and why. */
export class AdminClientError extends Error {
  override readonly name = "AdminClientError";
  readonly code: AdminClientErrorCode;
  /** What to do next, a sentence of its own. */
  readonly hint: string | null;

  constructor(code: AdminClientErrorCode, message: string, hint: string | null, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.hint = hint;
  }
}

/** Whether no daemon answered at all. */
export function isWithoutDaemon(error: unknown): boolean {
  return error instanceof AdminClientError && ["no-daemon", "stale-socket"].includes(error.code);
}
