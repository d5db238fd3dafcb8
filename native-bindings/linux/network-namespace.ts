import { closeSync, openSync } from "node:fs";
import { libcFunction } from "../libc.ts";
import { getSocketOption } from "../socket-option.ts";
import { checkResult } from "../syscall-error.ts";

const setns = libcFunction<[fd: number, type: number], number>("int setns(int fd, int type)");

const CLONE_NEWNET = 0x40000000; // linux/sched.h
const SOL_SOCKET = 1;
const SO_NETNS_COOKIE = 71; // asm-generic/socket.h

/** The path of a namespace given as ip-netns(8) names it (`blue` is `/run/netns/blue`) or as a path. */
export function networkNamespacePath(nameOrPath: string): string {
  return nameOrPath.includes("/") ? nameOrPath : `/run/netns/${nameOrPath}`;
}

/**
 * Moves the calling thread, which is Node's main one, into a network namespace (setns(2)). Sockets that it opens
 * and processes that it starts are in there from now on; libuv's worker threads and open sockets stay behind.
 *
 * @throws SyscallError; node's own error when the path cannot be opened
 */
export function enterNetworkNamespace(nameOrPath: string): void {
  const path = networkNamespacePath(nameOrPath);
  const fd = openSync(path, "r");
  try {
    checkResult(setns(fd, CLONE_NEWNET), "setns", `enter the network namespace ${path}`);
  } finally {
    closeSync(fd);
  }
}

/**
 * The number that names the network namespace of a socket, different for each namespace since boot, while inode
 * numbers are reused (SO_NETNS_COOKIE, Linux 5.14).
 *
 * @throws SyscallError
 */
export function readNamespaceCookie(fd: number): bigint {
  const attempted = "read the cookie of the network namespace";
  const bytes = getSocketOption(fd, SOL_SOCKET, SO_NETNS_COOKIE, 8, attempted);
  return new BigUint64Array(bytes.slice().buffer)[0] ?? 0n;
}
