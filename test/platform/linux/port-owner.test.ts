import { describe, expect, test } from "vitest";
import { portOwner, traceablePortIds } from "../../../src/platform/linux/port-owner.ts";

const everybody = (pid: number): string => `program ${pid}`;

describe("portOwner()", () => {
  test("the kernel is nobody", () => {
    expect(portOwner(0, everybody)).toEqual({ portId: 0, pid: null, command: null });
  });

  test("a port id that is a process id names that process", () => {
    expect(portOwner(4_194_303, everybody)).toEqual({
      portId: 4_194_303,
      pid: 4_194_303,
      command: "program 4194303",
    });
  });

  test("libnl's port ids hold the process id in the low 22 bits", () => {
    expect(portOwner(1234 + (7 << 22), everybody)).toMatchObject({ pid: 1234 });
  });

  test("random port ids, and those of processes that have ended, name nobody", () => {
    expect(portOwner(0xffff_e000, everybody).pid).toBeNull();
    expect(portOwner(0x8000_0000, everybody).pid).toBeNull();
    expect(portOwner(1234, () => null)).toEqual({ portId: 1234, pid: null, command: null });
    expect(portOwner(7 << 22, everybody).pid).toBeNull();
  });

  test.each([1, 4_194_303])("finds process %i behind each of its traceable ids", (pid) => {
    const ids = traceablePortIds(pid);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(portOwner(id, everybody).pid).toBe(pid);
  });
});
