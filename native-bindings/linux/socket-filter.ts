import koffi from "koffi";
import { checkResult } from "../syscall-error.ts";

/** One instruction of classic BPF (struct sock_filter, linux/filter.h). */
export interface FilterInstruction {
  readonly code: number;
  /** Instructions to skip when a comparison is true, and when it is false; 0 to 255. */
  readonly jumpTrue: number;
  readonly jumpFalse: number;
  readonly operand: number;
}

const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
const instructionBytes = 8;

/**
 * Attaches a classic BPF program to a socket (SO_ATTACH_FILTER, socket(7)): datagrams for which it returns 0 are
 * never queued.
 *
 * @throws SyscallError: EINVAL when the kernel's checker refuses the program
 */
export function attachSocketFilter(fd: number, program: readonly FilterInstruction[]): void {
  const bytes = new Uint8Array(program.length * instructionBytes);
  const words = new Uint16Array(bytes.buffer);
  const operands = new Uint32Array(bytes.buffer);
  for (const [at, { code, jumpTrue, jumpFalse, operand }] of program.entries()) {
    words[at * 4] = code;
    bytes[at * instructionBytes + 2] = jumpTrue;
    bytes[at * instructionBytes + 3] = jumpFalse;
    operands[at * 2 + 1] = operand;
  }
  // struct sock_fprog: a count, and a pointer to the instructions, which the kernel copies.
  const result = setFilter(fd, SOL_SOCKET, SO_ATTACH_FILTER, {
    length: program.length,
    filter: bytes,
  });
  checkResult(result, "setsockopt", "attach a filter to a socket");
}

const setFilter = lazySetFilter();

function lazySetFilter(): (...args: readonly unknown[]) => number {
  let bound: ((...args: readonly unknown[]) => number) | null = null;
  return (...args) => {
    if (bound === null) {
      const fprog = koffi.struct({ length: "uint16_t", filter: "const uint8_t *" });
      const setsockopt = koffi
        .load(null)
        .func("setsockopt", "int", ["int", "int", "int", koffi.pointer(fprog), "uint32_t"]);
      bound = (...values) => setsockopt(...values, koffi.sizeof(fprog)) as number;
    }
    return bound(...args);
  };
}
