import { libcFunction } from "../libc.ts";

const procName = libcFunction<[pid: number, buffer: Uint8Array, size: number], number>(
  "int proc_name(int pid, void *buffer, uint32_t size)",
);

/** Twice MAXCOMLEN and its NUL (sys/param.h, libproc.h): longer names are cut. */
const nameBytes = 2 * 16 + 1;

/** The name of a process, without its arguments (proc_name in libproc.h); null when it is gone. */
export function readProcessName(pid: number): string | null {
  const name = new Uint8Array(nameBytes);
  const length = procName(pid, name, name.length);
  return length <= 0 ? null : new TextDecoder().decode(name.subarray(0, length));
}
