import { libcFunction } from "../libc.ts";
import { checkResult } from "../syscall-error.ts";

// Variadic, and declared so: on arm64 Darwin passes such arguments on the stack, others in registers.
const fcntl = libcFunction<[fd: number, command: number, type: "int", value: number], number>(
  "int fcntl(int fd, int command, ...)",
);

// fcntl.h: the same numbers on Darwin and Linux.
const F_SETFD = 2;
const FD_CLOEXEC = 1;

/**
 * Keeps a descriptor out of the programs that this process starts; Darwin's socket(2) has no flag for it.
 *
 * @throws SyscallError
 */
export function setCloseOnExec(fd: number): void {
  const result = fcntl(fd, F_SETFD, "int", FD_CLOEXEC);
  checkResult(result, "fcntl", "keep a descriptor out of child processes");
}
