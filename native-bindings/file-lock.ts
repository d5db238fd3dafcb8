import {
  chmodSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { libcFunction } from "./libc.ts";
import { checkResult, SyscallError } from "./syscall-error.ts";

const flock = libcFunction<[fd: number, operation: number], number>(
  "int flock(int fd, int operation)",
);

// sys/file.h of Linux and Darwin alike: exclusive, and without waiting.
const LOCK_EX = 2;
const LOCK_NB = 4;

/**
 * Locks a file for this process alone (flock(2)), making it and its directory where they are missing. The lock ends
 * with its disposal, or with the process by whatever end; the file stays, with the process id of who had it last.
 *
 * @returns null when another has it
 * @throws SyscallError; what node:fs throws
 */
export function lockFile(path: string): Disposable | null {
  const directory = dirname(path);
  // Others may have to pass through it, whatever the umask of a service is.
  if (mkdirSync(directory, { recursive: true }) !== undefined) chmodSync(directory, 0o755);
  const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
  const fd = openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
  try {
    checkResult(flock(fd, LOCK_EX | LOCK_NB), "flock", `lock ${path}`);
    writeSync(fd, `${process.pid}\n`.padEnd(holderBytes, " "), 0);
  } catch (error) {
    closeSync(fd);
    // EWOULDBLOCK has the number of EAGAIN on both systems.
    if (error instanceof SyscallError && error.code === "EAGAIN") return null;
    throw error;
  }
  let open = true;
  return {
    [Symbol.dispose]() {
      if (open) closeSync(fd);
      open = false;
    },
  };
}

/** Who locked a file last, as it wrote down itself, and whose the file is; null when that cannot be read. */
export function readLockHolder(
  path: string,
): { readonly pid: number; readonly uid: number } | null {
  try {
    const pid = Number.parseInt(readFileSync(path, "latin1"), 10);
    return pid > 0 ? { pid, uid: statSync(path).uid } : null;
  } catch {
    return null;
  }
}

/** Longer than any process id with its line end, so that none is left over from a longer one. */
const holderBytes = 16;
