import { expect, test } from "vitest";
import {
  readI32,
  readU8,
  readU16,
  readU16Network,
  readU32,
  readU64,
  writeU16,
  writeU32,
} from "../../../src/wire/netlink/host-order.ts";
import { hex } from "./golden.ts";

const bytes = hex("ff fefdfcfb faf9f8f7");

test("readU32() and its like read little-endian, wherever they run", () => {
  expect(readU8(bytes, 1)).toBe(0xfe);
  expect(readU16(bytes, 1)).toBe(0xfdfe);
  expect(readU16Network(bytes, 1)).toBe(0xfefd);
  expect(readU32(bytes, 1)).toBe(0xfbfcfdfe);
  expect(readI32(bytes, 1)).toBe(0xfbfcfdfe - 0x1_0000_0000);
  expect(readU64(hex("0000 01020304 05060000"), 1)).toBe(0x0605_0403_0201_00);
});

test.each([
  ["readU8", readU8, 1],
  ["readU16", readU16, 2],
  ["readU16Network", readU16Network, 2],
  ["readU32", readU32, 4],
  ["readI32", readI32, 4],
  ["readU64", readU64, 8],
])("%s() reads up to the end and not past it", (_name, read, size) => {
  expect(() => read(bytes, bytes.length - size)).not.toThrow();
  for (let at = bytes.length - size + 1; at <= bytes.length + 1; at += 1)
    expect(() => read(bytes, at)).toThrow(
      expect.objectContaining({ name: "DecodeError", code: "truncated" }),
    );
});

test("writeU16() and writeU32() write what is read back, signed or not", () => {
  const written = new Uint8Array(6);
  writeU16(written, 0, 0xfdfe);
  writeU32(written, 2, -2);
  expect(written).toEqual(hex("fefd feffffff"));
  expect(readI32(written, 2)).toBe(-2);
});
