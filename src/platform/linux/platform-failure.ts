import { SyscallError } from "../../../native-bindings/syscall-error.ts";
import { PlatformError, type PlatformErrorCode } from "../../platform/platform-error.ts";
import { DecodeError } from "../../wire/decode-error.ts";

const codes: ReadonlyMap<string, PlatformErrorCode> = new Map([
  ["EPERM", "permission"],
  ["EACCES", "permission"],
  ["ENODEV", "no-such-interface"],
  ["ENXIO", "no-such-interface"],
  ["EAFNOSUPPORT", "unsupported"],
  ["EPROTONOSUPPORT", "unsupported"],
  ["ENOPROTOOPT", "unsupported"],
  ["EOPNOTSUPP", "unsupported"],
  ["ENETUNREACH", "unreachable"],
  ["EHOSTUNREACH", "unreachable"],
  ["EBADF", "socket-lost"],
]);

/** What an errno's name means to who asks an operating system; `rejected` where it means nothing special. */
export function platformCodeOf(errnoCode: string): PlatformErrorCode {
  return codes.get(errnoCode) ?? "rejected";
}

/** What went wrong below as a PlatformError: a SyscallError by its errno, a DecodeError as `rejected`; else as it is. */
export function platformFailure(action: string, error: unknown): unknown {
  if (error instanceof SyscallError)
    return new PlatformError(platformCodeOf(error.code), action, error);
  return error instanceof DecodeError ? new PlatformError("rejected", action, error) : error;
}
