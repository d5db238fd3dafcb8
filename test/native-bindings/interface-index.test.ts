import { networkInterfaces } from "node:os";
import { describe, expect, test } from "vitest";
import { interfaceIndexOf, interfaceNameOf } from "../../native-bindings/interface-index.ts";

describe("interfaceIndexOf()", () => {
  test("gives an index for a name, and null for none", () => {
    const loopback = process.platform === "darwin" ? "lo0" : "lo";
    expect(interfaceIndexOf(loopback)).toBe(1);
    expect(interfaceIndexOf("no-such-if0")).toBeNull();
    for (const name of Object.keys(networkInterfaces()))
      expect(interfaceIndexOf(name)).not.toBeNull();
  });
});

test("interfaceNameOf() gives a name for an index, and null for none", () => {
  expect(interfaceNameOf(1)).toBe(process.platform === "darwin" ? "lo0" : "lo");
  expect(interfaceNameOf(0x7fff_ffff)).toBeNull();
});
