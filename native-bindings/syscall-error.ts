import { getSystemErrorMap } from "node:util";
import koffi from "koffi";

/** A system call failed. `code` is the symbolic errno (`EPERM`), or `errno 123` where it has no known name. */
export class SyscallError extends Error {
  override readonly name = "SyscallError";
  readonly syscall: string;
  readonly code: string;
  readonly errno: number;
  /** What the call was for, as it stands in the message: `bind a netlink socket`. */
  readonly attempted: string;

  constructor(syscall: string, errno: number, attempted: string) {
    const [code, sentence] = describeErrno(errno);
    super(`cannot ${attempted}: ${syscall}: ${sentence} (${code})`);
    this.syscall = syscall;
    this.code = code;
    this.errno = errno;
    this.attempted = attempted;
  }
}

/**
 * Gives the result of a libc call that answers -1 on failure; to be called before anything else can change errno.
 *
 * @throws SyscallError when the result is negative
 */
export function checkResult(result: number, syscall: string, attempted: string): number {
  if (result < 0) throw new SyscallError(syscall, koffi.errno(), attempted);
  return result;
}

// Node makes the whole map anew at each call.
let knownErrors: ReturnType<typeof getSystemErrorMap> | null = null;

/** The name and the sentence of an errno: `["EPERM", "operation not permitted"]`. */
export function describeErrno(errno: number): readonly [code: string, sentence: string] {
  knownErrors ??= getSystemErrorMap();
  const known = knownErrors.get(-errno);
  if (known !== undefined) return known;
  const name = Object.entries(koffi.os.errno).find(([, value]) => value === errno)?.[0];
  return [name ?? `errno ${errno}`, "no description"];
}
