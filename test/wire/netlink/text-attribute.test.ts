import { test as propertyTest } from "@fast-check/vitest";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeString, stringAttribute } from "../../../src/wire/netlink/text-attribute.ts";
import { hex } from "./golden.ts";

test("decodeString() ends at the first NUL or at the end", () => {
  expect(decodeString(hex("6574683000"))).toBe("eth0");
  expect(decodeString(hex("65746830"))).toBe("eth0");
  expect(decodeString(hex("6500746830"))).toBe("e");
  expect(decodeString(hex(""))).toBe("");
});

test("decodeString() reads UTF-8", () => {
  expect(decodeString(hex("77c3bc7200"))).toBe("wür");
});

test("decodeString() keeps names apart that are no UTF-8", () => {
  expect(decodeString(hex("77fc7200"))).toBe("w\udcfcr");
  expect(decodeString(hex("77fd7200"))).toBe("w\udcfdr");
});

test("stringAttribute() ends with NUL", () => {
  expect(stringAttribute(3, "eth0")).toEqual({ type: 3, flags: 0, value: hex("6574683000") });
});

propertyTest.prop([fc.uint8Array({ maxLength: 15, min: 1 })])(
  "stringAttribute() gives back every name that decodeString() read",
  (name) => {
    const value = Uint8Array.from([...name, 0]);
    expect(stringAttribute(3, decodeString(value)).value).toEqual(value);
  },
);
