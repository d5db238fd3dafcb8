import fc from "fast-check";
import { expect, test } from "vitest";
import { AF } from "../../../src/wire/pfroute/constants.ts";
import { encodeNetmask, netmaskPrefixLength } from "../../../src/wire/pfroute/netmask.ts";
import { hex } from "./recordings.ts";

test.each([
  ["kernel /24", "07 ff ffff ffffff", AF.INET, 24],
  ["kernel /15", "06 ff ffff fffe", AF.INET, 15],
  ["kernel /1", "05 ff ffff 80", AF.INET, 1],
  ["kernel 0/0", "00", AF.INET, 0],
  ["kernel 0/0, no bytes", "", AF.INET, 0],
  ["interface address /24", "07 02 0000 ffffff", AF.INET, 24],
  ["interface address /32", "08 02 0000 ffffffff", AF.INET, 32],
  ["sent /24", "10 02 0000 ffffff00 0000000000000000", AF.INET, 24],
  ["kernel v6 /64", "10 ff ffff ffffffff ffffffffffffffff", AF.INET6, 64],
  ["kernel ff00::/8", "09 ff ffff ffffffff ff", AF.INET6, 8],
  ["notice of a scoped ::/0", `1c ffffffffffffff ${"00".repeat(20)}`, AF.INET6, 0],
  ["a gap", "08 02 0000 ff00ff00", AF.INET, null],
  ["a gap within a byte", "05 ff ffff 81", AF.INET, null],
  ["no family of prefixes", "08 02 0000 ffffff00", AF.LINK, null],
] as const)("netmaskPrefixLength() of %s", (_, mask, family, expected) => {
  expect(netmaskPrefixLength(hex(mask), family)).toBe(expected);
});

test("netmaskPrefixLength() reads back encodeNetmask() for every prefix length", () => {
  for (let bits = 0; bits <= 32; bits += 1)
    expect(netmaskPrefixLength(encodeNetmask(AF.INET, bits), AF.INET)).toBe(bits);
  for (let bits = 0; bits <= 128; bits += 1)
    expect(netmaskPrefixLength(encodeNetmask(AF.INET6, bits), AF.INET6)).toBe(bits);
});

test("netmaskPrefixLength() says a length only of a mask without gaps", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), (mask) => {
      const length = netmaskPrefixLength(mask, AF.INET);
      const bits = [...mask.subarray(4, 8)]
        .map((byte) => byte.toString(2).padStart(8, "0"))
        .join("");
      const expected = /^(1*)0*$/.exec(bits);
      expect(length).toBe(expected === null ? null : expected[1]?.length);
    }),
  );
});
