/** Stable names for why the journal could not be used. After each of them nothing may be changed in the kernel. */
export type JournalErrorCode =
  /** A record of a later format is in the file: read nothing, change nothing. */
  | "newer-version"
  /** No space, no quota, or the file-size limit. */
  | "disk-full"
  | "not-permitted"
  /** The file system is mounted read-only. */
  | "read-only"
  /** A symbolic link, not a regular file, another owner, or writable by others. */
  | "unsafe"
  /** Somebody else wrote, moved or removed the file while it was open. */
  | "changed"
  /** What was to be written is not a record, or is too large. */
  | "invalid-record"
  | "closed"
  | "failed";

/** The journal could not do what was asked. `cause` is the system's error, where there is one. */
export class JournalError extends Error {
  override readonly name = "JournalError";
  readonly code: JournalErrorCode;

  constructor(code: JournalErrorCode, action: string, why: string, cause?: unknown) {
    super(`cannot ${action}: ${why}`, { cause });
    this.code = code;
  }
}

// errno names: errno(3). EDQUOT and EFBIG leave as little room as ENOSPC; ELOOP is what O_NOFOLLOW gives
// for a symbolic link and ENXIO what open(2) gives for a socket.
const knownCauses: Readonly<Record<string, readonly [JournalErrorCode, string]>> = {
  ENOSPC: ["disk-full", "no space left on the device"],
  EDQUOT: ["disk-full", "the disk quota is used up"],
  EFBIG: ["disk-full", "the file-size limit is reached"],
  EACCES: ["not-permitted", "permission denied"],
  EPERM: ["not-permitted", "permission denied"],
  EROFS: ["read-only", "the file system is read-only"],
  ELOOP: ["unsafe", "it is a symbolic link"],
  EISDIR: ["unsafe", "it is a directory"],
  ENXIO: ["unsafe", "it is not a regular file"],
  ENOTDIR: ["unsafe", "its parent is not a directory"],
};

/** The error for a refused system call; a JournalError passes through unchanged. */
export function journalErrorFrom(action: string, cause: unknown): JournalError {
  if (cause instanceof JournalError) return cause;
  const known = knownCauses[errnoName(cause) ?? ""];
  const why = cause instanceof Error ? cause.message : String(cause);
  return new JournalError(known?.[0] ?? "failed", action, known?.[1] ?? why, cause);
}

/** `ENOENT` and its like, or null for what is no system error. */
export function errnoName(error: unknown): string | null {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === "string" ? code : null;
}
