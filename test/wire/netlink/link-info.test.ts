import { test as propertyTest } from "@fast-check/vitest";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DecodeError } from "../../../src/wire/decode-error.ts";
import {
  bytesAttribute,
  encodeAttributes,
  u32Attribute,
} from "../../../src/wire/netlink/attribute.ts";
import { decodeLinkInfo } from "../../../src/wire/netlink/link-info.ts";

const ifinfomsg = "00000100020000000210000000000000";

/** A link message that holds nothing but this IFLA_LINKINFO, without its own header. */
function linkWith(info: Uint8Array): Uint8Array {
  return encodeAttributes(
    [bytesAttribute(18, info)],
    Uint8Array.from(Buffer.from(ifinfomsg, "hex")),
  );
}

function infoOf(kind: string, data: Uint8Array): Uint8Array {
  return encodeAttributes([
    bytesAttribute(1, Uint8Array.from(Buffer.from(`${kind}\0`))),
    bytesAttribute(2, data),
  ]);
}

// RTM_GETLINK, Linux 6.18 x86_64: ip link add vx0 type vxlan id 5 remote 203.0.113.1 dstport 4789
const vxlan =
  "0a00010076786c616e000000d0000200080001000500000008000200cb007101050005000000000005001c0000000000050006000000000005001d000000000008001a00000000000800200000000000050007000100000005000b000000000005000c000000000005000d000000000005000e00000000000500190000000000080008002c010000080009000000000006000f0012b500000500120001000000050013000000000005001400000000000500150000000000050016000000000005001f000100000008000a00000000000c002100f7ffffff000000ff";

test("decodeLinkInfo() finds the other end of a recorded tunnel", () => {
  const info = Uint8Array.from(Buffer.from(vxlan, "hex"));
  expect(decodeLinkInfo(linkWith(info))).toEqual({
    vrfTable: null,
    remote: Uint8Array.of(203, 0, 113, 1),
  });
});

test("decodeLinkInfo() reads the same number by the kind that it stands in", () => {
  const seven = encodeAttributes([bytesAttribute(7, Uint8Array.of(198, 51, 100, 1))]);
  expect(decodeLinkInfo(linkWith(infoOf("gre", seven))).remote).toEqual(
    Uint8Array.of(198, 51, 100, 1),
  );
  expect(decodeLinkInfo(linkWith(infoOf("ipip", seven))).remote).toBeNull();
  const table = encodeAttributes([u32Attribute(1, 1001)]);
  expect(decodeLinkInfo(linkWith(infoOf("vrf", table))).vrfTable).toBe(1001);
  expect(decodeLinkInfo(linkWith(infoOf("macvlan", table))).vrfTable).toBeNull();
});

test.each([
  ["no address", Uint8Array.of(0, 0, 0, 0)],
  ["a multicast group", Uint8Array.of(239, 1, 1, 1)],
  ["an IPv6 group", Uint8Array.of(0xff, ...new Array<number>(15).fill(1))],
])("decodeLinkInfo() takes %s for no other end", (_, address) => {
  const data = encodeAttributes([bytesAttribute(address.length === 4 ? 2 : 16, address)]);
  expect(decodeLinkInfo(linkWith(infoOf("vxlan", data))).remote).toBeNull();
});

propertyTest.prop([fc.uint8Array({ maxLength: 200 })])(
  "decodeLinkInfo() lets nothing but a DecodeError escape",
  (bytes) => {
    try {
      decodeLinkInfo(linkWith(bytes));
    } catch (error) {
      expect(error).toBeInstanceOf(DecodeError);
    }
  },
);
