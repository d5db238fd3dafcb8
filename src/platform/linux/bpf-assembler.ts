/**
 * One line of a classic BPF program. Loads put a byte of the packet, by its offset, into the accumulator;
 * comparisons go on to a label, or to the next line; `return` ends with what is kept of the packet.
 */
export type BpfLine =
  | { readonly op: "label"; readonly name: string }
  | { readonly op: "load-byte"; readonly offset: number }
  | { readonly op: "jump-equal" | "jump-greater"; readonly value: number; readonly to: string }
  | { readonly op: "jump"; readonly to: string }
  | { readonly op: "return"; readonly bytes: number };

/** struct sock_filter (linux/filter.h) in plain numbers. */
export interface BpfInstruction {
  readonly code: number;
  readonly jumpTrue: number;
  readonly jumpFalse: number;
  readonly operand: number;
}

// linux/bpf_common.h: BPF_LD|BPF_B|BPF_ABS, BPF_JMP|BPF_K with BPF_JEQ, BPF_JGT and BPF_JA, BPF_RET|BPF_K.
const codes = {
  "load-byte": 0x30,
  "jump-equal": 0x15,
  "jump-greater": 0x25,
  jump: 0x05,
  return: 0x06,
} as const;

/** The kernel takes no longer program (BPF_MAXINSNS), and a conditional jump spans one byte. */
const longestProgram = 4096;
const longestJump = 255;

/**
 * Turns lines into instructions, labels into distances.
 *
 * @throws RangeError for a label that is missing, doubled or behind the jump (classic BPF goes forward only), a
 * jump or a program that is too long, a negative offset, and a program that can run past its end
 */
export function assembleBpf(lines: readonly BpfLine[]): readonly BpfInstruction[] {
  const places = placeLabels(lines);
  const code = lines.filter((line) => line.op !== "label");
  if (code.length > longestProgram)
    throw new RangeError(`cannot assemble ${code.length} instructions: ${longestProgram} at most`);
  const last = code.at(-1)?.op;
  if (last !== "return" && last !== "jump")
    throw new RangeError("cannot assemble a program that runs past its end");
  return code.map((line, at) => assembleLine(line, at, places));
}

function placeLabels(lines: readonly BpfLine[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  let at = 0;
  for (const line of lines) {
    if (line.op !== "label") {
      at += 1;
      continue;
    }
    if (places.has(line.name)) throw new RangeError(`cannot place label ${line.name} twice`);
    places.set(line.name, at);
  }
  for (const [name, place] of places)
    if (place === at) throw new RangeError(`cannot place label ${name} after the last instruction`);
  return places;
}

function assembleLine(
  line: Exclude<BpfLine, { op: "label" }>,
  at: number,
  places: ReadonlyMap<string, number>,
): BpfInstruction {
  const code = codes[line.op];
  switch (line.op) {
    case "load-byte":
      // Negative offsets are the kernel's ancillary data (SKF_AD_OFF), which no program here means.
      if (line.offset < 0 || !Number.isInteger(line.offset))
        throw new RangeError(`cannot load the byte at ${line.offset}`);
      return { code, jumpTrue: 0, jumpFalse: 0, operand: line.offset };
    case "jump-equal":
    case "jump-greater": {
      const jumpTrue = distance(line.to, at, places);
      if (jumpTrue > longestJump)
        throw new RangeError(`cannot jump to ${line.to}: ${jumpTrue} instructions away`);
      return { code, jumpTrue, jumpFalse: 0, operand: line.value };
    }
    case "jump":
      return { code, jumpTrue: 0, jumpFalse: 0, operand: distance(line.to, at, places) };
    case "return":
      return { code, jumpTrue: 0, jumpFalse: 0, operand: line.bytes };
    default:
      return line satisfies never;
  }
}

function distance(label: string, at: number, places: ReadonlyMap<string, number>): number {
  const place = places.get(label);
  if (place === undefined) throw new RangeError(`cannot jump to ${label}: there is no such label`);
  if (place <= at) throw new RangeError(`cannot jump to ${label}: it is behind`);
  return place - at - 1;
}
