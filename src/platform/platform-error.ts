/** Stable names for what an operating system can refuse; users and tests match on them. */
export type PlatformErrorCode =
  | "permission"
  | "no-such-interface"
  | "unsupported"
  | "unreachable"
  | "timeout"
  | "interrupted"
  | "socket-lost"
  | "rejected";

/** The operating system refused. `cause` is the SyscallError, KernelError or DecodeError behind it. */
export class PlatformError extends Error {
  override readonly name = "PlatformError";
  readonly code: PlatformErrorCode;

  constructor(code: PlatformErrorCode, action: string, cause?: unknown) {
    const why = cause instanceof Error ? cause.message : code;
    super(`cannot ${action}: ${why}`, { cause });
    this.code = code;
  }
}
