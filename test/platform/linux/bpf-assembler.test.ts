import { describe, expect, test } from "vitest";
import { assembleBpf, type BpfLine } from "../../../src/platform/linux/bpf-assembler.ts";
import { runBpf } from "./bpf-interpreter.ts";

const end: BpfLine = { op: "return", bytes: 0 };

describe("assembleBpf()", () => {
  test("gives the kernel's numbers, labels turned into distances", () => {
    const program = assembleBpf([
      { op: "load-byte", offset: 4 },
      { op: "jump-equal", value: 24, to: "route" },
      { op: "jump-greater", value: 7, to: "route" },
      { op: "jump", to: "route" },
      end,
      { op: "label", name: "route" },
      { op: "return", bytes: 0xffff_ffff },
    ]);
    // As `bpf_asm` (tools/bpf in the kernel's source) writes it: ldb [4]; jeq #24, route; …
    expect(program).toEqual([
      { code: 0x30, jumpTrue: 0, jumpFalse: 0, operand: 4 },
      { code: 0x15, jumpTrue: 3, jumpFalse: 0, operand: 24 },
      { code: 0x25, jumpTrue: 2, jumpFalse: 0, operand: 7 },
      { code: 0x05, jumpTrue: 0, jumpFalse: 0, operand: 1 },
      { code: 0x06, jumpTrue: 0, jumpFalse: 0, operand: 0 },
      { code: 0x06, jumpTrue: 0, jumpFalse: 0, operand: 0xffff_ffff },
    ]);
  });

  test("jumps 255 instructions on a condition, and refuses 256", () => {
    const far = (between: number): BpfLine[] => [
      { op: "load-byte", offset: 0 },
      { op: "jump-equal", value: 1, to: "far" },
      ...Array.from({ length: between }, () => end),
      { op: "label", name: "far" },
      { op: "return", bytes: 1 },
    ];
    expect(runBpf(assembleBpf(far(255)), Uint8Array.of(1))).toBe(1);
    expect(() => assembleBpf(far(256))).toThrow("cannot jump to far: 256 instructions away");
  });

  test.each<[string, BpfLine[], string]>([
    ["a missing label", [{ op: "jump", to: "gone" }], "there is no such label"],
    ["a doubled label", [label("a"), label("a"), end], "cannot place label a twice"],
    ["a label behind the jump", [label("a"), { op: "jump", to: "a" }], "it is behind"],
    ["a label at the end", [end, label("a")], "after the last instruction"],
    ["a negative offset", [{ op: "load-byte", offset: -1 }, end], "cannot load the byte at -1"],
    ["a program without an end", [{ op: "load-byte", offset: 1 }], "runs past its end"],
    ["an empty program", [], "runs past its end"],
    ["a program that is too long", Array.from({ length: 4097 }, () => end), "4096 at most"],
  ])("refuses %s", (_what, lines, why) => {
    expect(() => assembleBpf(lines)).toThrow(why);
  });
});

function label(name: string): BpfLine {
  return { op: "label", name };
}
