import koffi from "koffi";
import { libcFunction } from "../libc.ts";
import { SyscallError } from "../syscall-error.ts";
import { DARWIN } from "./constants.ts";

/** sysctl(3), with a null `value` to ask for the size. Gives an errno instead of setting one. */
export type SysctlCall = (
  name: Int32Array,
  value: Uint8Array | null,
  length: BigUint64Array,
) => number;

const sysctl = libcFunction<
  [
    name: Int32Array,
    nameLength: number,
    value: Uint8Array | null,
    length: BigUint64Array,
    newValue: null,
    newLength: number,
  ],
  number
>(
  "int sysctl(void *name, unsigned int nameLength, void *value, void *length, void *newValue, size_t newLength)",
);

/** sysctlbyname(3), with a null `value` to ask for the size. Gives an errno instead of setting one. */
export type NamedSysctlCall = (
  name: string,
  value: Uint8Array | null,
  length: BigUint64Array,
) => number;

const sysctlByName = libcFunction<
  [
    name: string,
    value: Uint8Array | null,
    length: BigUint64Array,
    newValue: null,
    newLength: number,
  ],
  number
>(
  "int sysctlbyname(const char *name, void *value, void *length, void *newValue, size_t newLength)",
);

const attempts = 8;
/** A table may grow between the question for its size and the answer: room for a tenth more, and 4 KiB. */
const slackBytes = 4096;

/**
 * Reads a whole sysctl, asking again when it grew meanwhile (ENOMEM: XNU adds no slack of its own to the size that
 * it says).
 *
 * @throws SyscallError
 */
export function readSysctl(name: readonly number[], call: SysctlCall = callKernel): Uint8Array {
  const attempted = `read sysctl ${name.join(".")}`;
  const path = Int32Array.from(name);
  for (let attempt = 1; ; attempt += 1) {
    const length = new BigUint64Array(1);
    check(call(path, null, length), attempted);
    const capacity = Math.ceil(Number(length[0]) * 1.1) + slackBytes;
    const value = new Uint8Array(capacity);
    length[0] = BigInt(capacity);
    const errno = call(path, value, length);
    if (errno === DARWIN.ENOMEM && attempt < attempts) continue;
    check(errno, attempted);
    return value.subarray(0, Number(length[0]));
  }
}

/**
 * Reads a sysctl that is text, such as `kern.bootsessionuuid`, without the NUL that ends it.
 *
 * @throws SyscallError: ENOENT where there is none of that name
 */
export function readSysctlText(name: string, call: NamedSysctlCall = callKernelByName): string {
  const attempted = `read sysctl ${name}`;
  const length = new BigUint64Array(1);
  check(call(name, null, length), attempted);
  const value = new Uint8Array(Number(length[0]));
  check(call(name, value, length), attempted);
  const text = new TextDecoder().decode(value.subarray(0, Number(length[0])));
  return text.replace(/\0.*$/s, "");
}

function callKernelByName(name: string, value: Uint8Array | null, length: BigUint64Array): number {
  return sysctlByName(name, value, length, null, 0) < 0 ? koffi.errno() : 0;
}

function callKernel(name: Int32Array, value: Uint8Array | null, length: BigUint64Array): number {
  const result = sysctl(name, name.length, value, length, null, 0);
  return result < 0 ? koffi.errno() : 0;
}

function check(errno: number, attempted: string): void {
  if (errno !== 0) throw new SyscallError("sysctl", errno, attempted);
}
