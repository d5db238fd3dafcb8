import { describe, expect, test } from "vitest";
import {
  type NamedSysctlCall,
  readSysctl,
  readSysctlText,
  type SysctlCall,
} from "../../../native-bindings/darwin/sysctl.ts";
import { SyscallError } from "../../../native-bindings/syscall-error.ts";

const ENOMEM = 12;
const EINVAL = 22;

/** A kernel whose answer has each of these sizes in turn, at a question for the size or for the bytes. */
function kernelOf(sizes: readonly number[]): { call: SysctlCall; names: number[][] } {
  const names: number[][] = [];
  const call: SysctlCall = (name, value, length) => {
    const size = sizes[Math.min(names.length, sizes.length - 1)] ?? 0;
    names.push([...name]);
    if (value !== null && value.length < size) return ENOMEM;
    value?.fill(0xab, 0, size);
    length[0] = BigInt(size);
    return 0;
  };
  return { call, names };
}

describe("readSysctl()", () => {
  test("gives as much as the kernel wrote", () => {
    const { call, names } = kernelOf([100]);
    expect(readSysctl([4, 17, 0, 2, 7, 0], call)).toEqual(new Uint8Array(100).fill(0xab));
    expect(names).toEqual([
      [4, 17, 0, 2, 7, 0],
      [4, 17, 0, 2, 7, 0],
    ]);
  });

  test("gives nothing when there is nothing", () => {
    expect(readSysctl([4, 17], kernelOf([0]).call)).toEqual(new Uint8Array());
  });

  test("has room for an answer that grew a little, or shrank", () => {
    expect(readSysctl([4], kernelOf([100, 4_000]).call).length).toBe(4_000);
    expect(readSysctl([4], kernelOf([100, 20]).call).length).toBe(20);
  });

  test("asks for the size again when the answer grew much", () => {
    const { call, names } = kernelOf([100, 1_000_000]);
    expect(readSysctl([4], call).length).toBe(1_000_000);
    expect(names.length).toBe(4);
  });

  test("gives up when it grows for ever, naming what it read", () => {
    const { call, names } = kernelOf(Array.from({ length: 40 }, (_, at) => 10_000 * 2 ** at));
    expect(() => readSysctl([4, 17, 0], call)).toThrow("cannot read sysctl 4.17.0: sysctl: ");
    expect(names.length).toBe(16);
  });

  test("throws what the kernel says", () => {
    const refuse = (): number => EINVAL;
    expect(() => readSysctl([4], refuse)).toThrow(SyscallError);
    expect(() => readSysctl([4], refuse)).toThrow("EINVAL");
  });
});

describe("readSysctlText()", () => {
  const uuid = "6F0C7D1E-41B5-4E6C-9A86-2B8D3C9D5E10";
  const said: NamedSysctlCall = (name, value, length) => {
    if (name !== "kern.bootsessionuuid") return 2;
    value?.set(new TextEncoder().encode(`${uuid}\0`));
    length[0] = BigInt(uuid.length + 1);
    return 0;
  };

  test("gives the text without the NUL behind it", () => {
    expect(readSysctlText("kern.bootsessionuuid", said)).toBe(uuid);
  });

  test("throws what the kernel says of a name that it does not know", () => {
    expect(() => readSysctlText("kern.nothing", said)).toThrow(
      "cannot read sysctl kern.nothing: sysctl: ",
    );
  });
});
