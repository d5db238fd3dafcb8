import { test as propertyTest } from "@fast-check/vitest";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DecodeError } from "../../../src/wire/decode-error.ts";
import { ifaddrmsgLength } from "../../../src/wire/netlink/address.ts";
import {
  type Attribute,
  bytesAttribute,
  decodeAttributes,
  decodeU8,
  decodeU16,
  decodeU16Network,
  decodeU32,
  encodeAttributes,
  forEachAttribute,
  NLA_F_NESTED,
  NLA_F_NET_BYTEORDER,
  u8Attribute,
  u16Attribute,
  u16NetworkAttribute,
  u32Attribute,
} from "../../../src/wire/netlink/attribute.ts";
import { ifinfomsgLength } from "../../../src/wire/netlink/link.ts";
import { splitMessages } from "../../../src/wire/netlink/message.ts";
import { nhmsgLength } from "../../../src/wire/netlink/nexthop.ts";
import { clearPadding, goldenMessage, goldenNames, hex, readGolden } from "./golden.ts";

/** Bytes of the struct before the attributes, by the type's family of four (RTM_FAM in linux/rtnetlink.h). */
function fixedLength(type: number): number | null {
  if (type < 16) return null;
  const objects: Record<number, number> = {
    16: ifinfomsgLength,
    20: ifaddrmsgLength,
    104: nhmsgLength,
  };
  return objects[type & ~3] ?? 12;
}

test("decodeAttributes() splits a default route", () => {
  const { body } = goldenMessage("route-gateway");
  expect(decodeAttributes(body, 12)).toEqual([
    { type: 15, flags: 0, value: hex("fe000000") },
    { type: 6, flags: 0, value: hex("64000000") },
    { type: 7, flags: 0, value: hex("0a000002") },
    { type: 5, flags: 0, value: hex("0a000001") },
    { type: 4, flags: 0, value: hex("0a000000") },
  ]);
});

test("decodeAttributes() takes the flag bits out of the type and keeps them", () => {
  const [encap] = decodeAttributes(goldenMessage("route-add-encap-ip").body, 12);
  expect(encap).toMatchObject({ type: 22, flags: NLA_F_NESTED });
  expect(decodeAttributes(hex("0400 01c0"))).toEqual([
    { type: 1, flags: NLA_F_NESTED | NLA_F_NET_BYTEORDER, value: hex("") },
  ]);
});

test.each(goldenNames())("encodeAttributes() gives back the bytes of %s", (name) => {
  for (const { type, body } of splitMessages(readGolden(name))) {
    const start = fixedLength(type);
    if (start === null) continue;
    const attributes = decodeAttributes(body, start);
    expect(encodeAttributes(attributes, body.subarray(0, start))).toEqual(
      clearPadding(body, start),
    );
  }
});

test.each([
  ["a header cut short", "truncated", "0800 0100 01000000 0500"],
  ["a length below its header", "malformed", "0300 0100"],
  ["a length of zero", "malformed", "0000 0100"],
  ["a length past the end", "truncated", "0900 0100 01000000"],
])("decodeAttributes() refuses %s", (_what, code, bytes) => {
  expect(() => decodeAttributes(hex(bytes))).toThrow(
    expect.objectContaining({ name: "DecodeError", code }),
  );
});

test("decodeAttributes() takes a last attribute without its padding", () => {
  expect(decodeAttributes(hex("0500 2100 07"))).toEqual([bytesAttribute(33, hex("07"))]);
});

test("decodeAttributes() refuses a start past the end", () => {
  expect(() => decodeAttributes(new Uint8Array(11), 12)).toThrow(DecodeError);
});

test("encodeAttributes() refuses a value that its length cannot name", () => {
  const longest = bytesAttribute(9, new Uint8Array(0xffff - 4));
  expect(decodeAttributes(encodeAttributes([longest]).subarray(0, 0xffff))).toEqual([longest]);
  expect(() => encodeAttributes([bytesAttribute(9, new Uint8Array(0xffff - 3))])).toThrow(
    RangeError,
  );
});

test("forEachAttribute() keeps to its bounds and stops when the visitor says so", () => {
  const bytes = hex("ffffffff 0800 0100 01000000 0800 0200 02000000 ffff");
  const seen: number[] = [];
  forEachAttribute(bytes, 4, 20, (type, offset, length) => {
    seen.push(type, offset, length);
    return undefined;
  });
  expect(seen).toEqual([1, 8, 4, 2, 16, 4]);
  forEachAttribute(bytes, 4, bytes.length, (type) => type !== 2);
});

test("decodeU8() and its like refuse another size", () => {
  for (const size of [0, 1, 2, 3, 4, 5, 8]) {
    const value = new Uint8Array(size);
    const refuses = (decode: (value: Uint8Array) => number): boolean => {
      try {
        return decode(value) !== 0;
      } catch (error) {
        return error instanceof DecodeError && error.code === "malformed";
      }
    };
    expect([decodeU8, decodeU16, decodeU16Network, decodeU32].map(refuses)).toEqual([
      size !== 1,
      size !== 2,
      size !== 2,
      size !== 4,
    ]);
  }
});

test("u16Attribute() is in host order, u16NetworkAttribute() in network order", () => {
  expect(u16Attribute(1, 0x1234).value).toEqual(hex("3412"));
  expect(u16NetworkAttribute(1, 0x1234).value).toEqual(hex("1234"));
});

propertyTest.prop([fc.nat(0xff), fc.nat(0xffff), fc.nat(0xffff_ffff)])(
  "decodeU8() and its like undo u8Attribute() and its like",
  (byte, short, long) => {
    expect(decodeU8(u8Attribute(1, byte).value)).toBe(byte);
    expect(decodeU16(u16Attribute(1, short).value)).toBe(short);
    expect(decodeU16Network(u16NetworkAttribute(1, short).value)).toBe(short);
    expect(decodeU32(u32Attribute(1, long).value)).toBe(long);
  },
);

const anyAttribute: fc.Arbitrary<Attribute> = fc.record({
  type: fc.nat(0x3fff),
  flags: fc.constantFrom(0, NLA_F_NESTED, NLA_F_NET_BYTEORDER),
  value: fc.uint8Array({ maxLength: 20 }),
});

propertyTest.prop([fc.array(anyAttribute, { maxLength: 8 })])(
  "decodeAttributes() undoes encodeAttributes()",
  (attributes) => {
    const bytes = encodeAttributes(attributes, Uint8Array.of(1, 2, 3, 4));
    expect(decodeAttributes(bytes, 4)).toEqual(attributes);
  },
);
