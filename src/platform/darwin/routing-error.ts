import { SyscallError } from "../../../native-bindings/syscall-error.ts";
import { PlatformError, type PlatformErrorCode } from "../../platform/platform-error.ts";
import { DecodeError } from "../../wire/decode-error.ts";
import { EncodeError } from "../../wire/pfroute/encode-error.ts";

/** Errnos of a routing socket as Darwin numbers them (sys/errno.h); the machine that tests this has its own. */
export const Errno = { OK: 0, ESRCH: 3, EEXIST: 17 } as const;

const known: ReadonlyMap<number, readonly [code: string, sentence: string]> = new Map([
  [1, ["EPERM", "operation not permitted"]],
  [3, ["ESRCH", "there is no such route"]],
  [6, ["ENXIO", "there is no such interface"]],
  [12, ["ENOMEM", "not enough memory"]],
  [13, ["EACCES", "permission denied"]],
  [16, ["EBUSY", "the route is going away"]],
  [17, ["EEXIST", "there is such a route already"]],
  [22, ["EINVAL", "the kernel does not take the request"]],
  [32, ["EPIPE", "the socket is shut down"]],
  [43, ["EPROTONOSUPPORT", "the kernel speaks another version"]],
  [45, ["ENOTSUP", "not supported"]],
  [47, ["EAFNOSUPPORT", "the kernel does not know the address family"]],
  [48, ["EADDRINUSE", "the gateway is reached by this very route"]],
  [51, ["ENETUNREACH", "the gateway cannot be reached"]],
  [55, ["ENOBUFS", "no buffer space"]],
  [65, ["EHOSTUNREACH", "the host cannot be reached"]],
  [102, ["EOPNOTSUPP", "the kernel does not know the request"]],
]);

const codes: ReadonlyMap<string, PlatformErrorCode> = new Map([
  ["EPERM", "permission"],
  ["EACCES", "permission"],
  ["ENXIO", "no-such-interface"],
  ["EPROTONOSUPPORT", "unsupported"],
  ["EAFNOSUPPORT", "unsupported"],
  ["ENOTSUP", "unsupported"],
  ["EOPNOTSUPP", "unsupported"],
  ["ENETUNREACH", "unreachable"],
  ["EHOSTUNREACH", "unreachable"],
  ["EBADF", "socket-lost"],
  ["EPIPE", "socket-lost"],
]);

/** The kernel's errno for a request that it refused. */
class RoutingError extends Error {
  override readonly name = "RoutingError";
  /** `EEXIST`, or `errno 123` where it has no known name. */
  readonly code: string;
  readonly errno: number;

  constructor(errno: number) {
    const [code, sentence] = known.get(errno) ?? [`errno ${errno}`, "no description"];
    super(`${sentence} (${code})`);
    this.code = code;
    this.errno = errno;
  }
}

/** A refusal as the error that a caller sees who cannot do without the answer. */
export function refused(action: string, errno: number): PlatformError {
  const cause = new RoutingError(errno);
  return new PlatformError(codes.get(cause.code) ?? "rejected", action, cause);
}

/** What went wrong below as a PlatformError: a SyscallError by its errno, a DecodeError or EncodeError as `rejected`; else as it is. */
export function platformFailure(action: string, error: unknown): unknown {
  if (error instanceof SyscallError)
    return new PlatformError(codes.get(error.code) ?? "rejected", action, error);
  const unspeakable = error instanceof DecodeError || error instanceof EncodeError;
  return unspeakable ? new PlatformError("rejected", action, error) : error;
}
