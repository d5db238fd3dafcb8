import { libcFunction } from "./libc.ts";
import { checkResult } from "./syscall-error.ts";

const setsockopt = libcFunction<
  [fd: number, level: number, name: number, value: ArrayBufferView, length: number],
  number
>("int setsockopt(int fd, int level, int name, const void *value, uint32_t length)");

const getsockopt = libcFunction<
  [fd: number, level: number, name: number, value: ArrayBufferView, length: Uint32Array],
  number
>("int getsockopt(int fd, int level, int name, void *value, void *length)");

/**
 * Sets a socket option to an int, or to bytes.
 *
 * @throws SyscallError naming what was attempted
 */
export function setSocketOption(
  fd: number,
  level: number,
  name: number,
  value: number | ArrayBufferView,
  attempted: string,
): void {
  const bytes = typeof value === "number" ? Int32Array.of(value) : value;
  const result = setsockopt(fd, level, name, bytes, bytes.byteLength);
  checkResult(result, "setsockopt", attempted);
}

/**
 * Reads a socket option; gives as many bytes as the kernel wrote, `capacity` at most.
 *
 * @throws SyscallError naming what was attempted
 */
export function getSocketOption(
  fd: number,
  level: number,
  name: number,
  capacity: number,
  attempted: string,
): Uint8Array {
  const bytes = new Uint8Array(capacity);
  const length = Uint32Array.of(capacity);
  checkResult(getsockopt(fd, level, name, bytes, length), "getsockopt", attempted);
  return bytes.subarray(0, length[0]);
}

/** Reads a socket option that is an int. */
export function getIntegerSocketOption(
  fd: number,
  level: number,
  name: number,
  attempted: string,
): number {
  return new Int32Array(getSocketOption(fd, level, name, 4, attempted).slice().buffer)[0] ?? 0;
}
