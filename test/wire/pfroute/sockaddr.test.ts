import { expect, test } from "vitest";
import { DecodeError } from "../../../src/wire/decode-error.ts";
import {
  decodeSockaddr,
  embedsScope,
  encodeInet,
  encodeInet6,
  encodeLink,
} from "../../../src/wire/pfroute/sockaddr.ts";
import { hex } from "./recordings.ts";

const routerOnEn0 = hex("fe80 0002 0000 0000 0000 0000 0000 0001");
const router = hex("fe80 0000 0000 0000 0000 0000 0000 0001");

test("decodeSockaddr() takes the embedded scope out of a link-local address", () => {
  // gateway of ::/0 over en0 in a NET_RT_DUMP2 answer
  expect(
    decodeSockaddr(hex(`1c 1e 0000 00000000 fe800002000000000000000000000001 02000000`)),
  ).toEqual({
    kind: "inet6",
    address: router,
    scopeId: 2,
    embeddedScope: 2,
  });
});

test("decodeSockaddr() leaves bytes 2 and 3 of a global address alone", () => {
  expect(
    decodeSockaddr(hex(`1c 1e 0000 00000000 20010db8000000000000000000000010 00000000`)),
  ).toEqual({
    kind: "inet6",
    address: hex("20010db8000000000000000000000010"),
    scopeId: 0,
    embeddedScope: 0,
  });
});

test("decodeSockaddr() reads the scope that Darwin keeps in sin_zero", () => {
  expect(decodeSockaddr(hex("10 02 0000 c0000201 02000000 00000000"))).toEqual({
    kind: "inet",
    address: hex("c0000201"),
    scopeId: 2,
  });
});

test("decodeSockaddr() reads a shortened sockaddr_in", () => {
  expect(decodeSockaddr(hex("08 02 0000 c0000201"))).toMatchObject({ address: hex("c0000201") });
});

test("decodeSockaddr() reads name and link-layer address", () => {
  expect(decodeSockaddr(hex("14 12 0200 06 03 06 00 656e30 02aabbccdd00 000000"))).toEqual({
    kind: "link",
    index: 2,
    interfaceType: 6,
    name: "en0",
    address: hex("02aabbccdd00"),
  });
});

test("decodeSockaddr() keeps what it does not know, and length 0", () => {
  expect(decodeSockaddr(hex("10 01 0000"))).toMatchObject({ kind: "other", family: 1 });
  expect(decodeSockaddr(hex("00"))).toMatchObject({ kind: "other", family: 0 });
});

test.each([
  ["without a family", "01"],
  ["sockaddr_in of 4 bytes", "04 02 0000"],
  ["sockaddr_in6 of 20 bytes", "14 1e 0000 00000000 00000000 00000000 00000000"],
  ["sockaddr_dl of 6 bytes", "06 12 0200 0600"],
  ["sockaddr_dl whose name ends beyond it", "0a 12 0200 06 03 00 00 656e"],
])("decodeSockaddr() rejects one %s", (_, bytes) => {
  expect(() => decodeSockaddr(hex(bytes))).toThrow(DecodeError);
});

test("the encoders write what XNU takes", () => {
  expect(encodeInet(hex("c0000201"))).toEqual(hex("10 02 0000 c0000201 0000000000000000"));
  expect(encodeInet6(router, 2)).toEqual(
    Uint8Array.from([...hex("1c 1e 0000 00000000"), ...routerOnEn0, ...hex("00000000")]),
  );
  expect(encodeLink(4)).toEqual(hex("14 12 0400 00 00 00 00 000000000000000000000000"));
});

test.each([
  ["fe80::1", "fe80", true],
  ["febf::1", "febf", true],
  ["fec0::1", "fec0", false],
  ["ff01::1", "ff01", true],
  ["ff02::1", "ff02", true],
  ["ff05::1", "ff05", false],
  ["2001:db8::1", "2001", false],
])("embedsScope() of %s", (_, first, expected) => {
  expect(embedsScope(hex(`${first} 0000 0000 0000 0000 0000 0000 0001`))).toBe(expected);
});
