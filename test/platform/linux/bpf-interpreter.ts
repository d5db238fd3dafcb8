import type { BpfInstruction } from "../../../src/platform/linux/bpf-assembler.ts";

/**
 * Runs a classic BPF program over a packet as the kernel does (net/core/filter.c): loads are big-endian, a load
 * past the end ends the program with 0. Gives how many bytes of the packet are kept.
 */
export function runBpf(program: readonly BpfInstruction[], packet: Uint8Array): number {
  let accumulator = 0;
  for (let at = 0; ; at += 1) {
    const instruction = program[at];
    if (instruction === undefined) throw new Error(`the program ran past its end, to ${at}`);
    const { code, jumpTrue, jumpFalse, operand } = instruction;
    switch (code) {
      case 0x30: {
        const byte = packet[operand];
        if (byte === undefined) return 0;
        accumulator = byte;
        break;
      }
      case 0x15:
        at += accumulator === operand ? jumpTrue : jumpFalse;
        break;
      case 0x25:
        at += accumulator > operand ? jumpTrue : jumpFalse;
        break;
      case 0x05:
        at += operand;
        break;
      case 0x06:
        return operand;
      default:
        throw new Error(`the interpreter does not know code ${code}`);
    }
  }
}
