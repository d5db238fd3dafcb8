import { test as propertyTest } from "@fast-check/vitest";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DecodeError } from "../../../src/wire/decode-error.ts";
import {
  encodeMessage,
  forEachMessage,
  type NetlinkMessage,
  splitMessages,
} from "../../../src/wire/netlink/message.ts";
import {
  NLM_F_DUMP_FILTERED,
  NLM_F_MULTI,
  NLMSG_DONE,
  RTM_NEWROUTE,
} from "../../../src/wire/netlink/message-constants.ts";
import { hex, readGolden } from "./golden.ts";

const dump = readGolden("route-dump-main");

test("splitMessages() splits a dump into its routes and its end", () => {
  const messages = splitMessages(dump);
  expect(messages.map(({ type, body }) => [type, body.length])).toEqual([
    [RTM_NEWROUTE, 36],
    [RTM_NEWROUTE, 44],
    [RTM_NEWROUTE, 44],
    [RTM_NEWROUTE, 44],
    [RTM_NEWROUTE, 44],
    [NLMSG_DONE, 4],
  ]);
  expect(new Set(messages.map(({ flags }) => flags))).toEqual(
    new Set([NLM_F_MULTI | NLM_F_DUMP_FILTERED]),
  );
  expect(new Set(messages.map(({ seq, pid }) => `${seq} ${pid}`)).size).toBe(1);
});

test("splitMessages() gives views of the buffer", () => {
  for (const { body } of splitMessages(dump)) expect(body.buffer).toBe(dump.buffer);
});

test("encodeMessage() gives back the recorded bytes", () => {
  const parts = splitMessages(dump).map((message) => [...encodeMessage(message)]);
  expect(Uint8Array.from(parts.flat())).toEqual(dump);
});

test("encodeMessage() pads with zeros and leaves the padding out of the length", () => {
  const body = Uint8Array.of(0xff);
  expect(encodeMessage({ type: 16, flags: 0x305, seq: 0x01020304, pid: 0x0a0b0c0d, body })).toEqual(
    hex("11000000 1000 0503 04030201 0d0c0b0a ff000000"),
  );
});

test("forEachMessage() reads no further than the length that was received", () => {
  const buffer = new Uint8Array(4096).fill(0xff);
  buffer.set(dump);
  let count = 0;
  expect(
    forEachMessage(buffer, dump.length, () => {
      count += 1;
    }),
  ).toBe(true);
  expect(count).toBe(6);
});

test("forEachMessage() stops when the visitor says so", () => {
  const seen: number[] = [];
  expect(forEachMessage(dump, dump.length, (type) => seen.push(type) < 2)).toBe(false);
  expect(seen.length).toBe(2);
});

test("forEachMessage() takes a last message without its padding", () => {
  const seen: number[] = [];
  forEachMessage(hex("11000000 1000 0000 01000000 00000000 ff"), 17, (...fields) => {
    seen.push(...fields);
  });
  expect(seen).toEqual([16, 0, 1, 0, 16, 1]);
});

test.each([
  ["a header cut short", "truncated", "10000000 0300 0000 00000000 000000"],
  ["a length below its header", "malformed", "0f000000 0300 0000 00000000 00000000"],
  ["a length of zero", "malformed", "00000000 0300 0000 00000000 00000000"],
  ["a length past the end", "truncated", "14000000 0300 0000 00000000 00000000 000000"],
  ["a length of 4 GiB", "truncated", "ffffffff 0300 0000 00000000 00000000"],
])("forEachMessage() refuses %s after visiting what stands before it", (_what, code, bad) => {
  const buffer = Uint8Array.from([...dump, ...hex(bad)]);
  let count = 0;
  const walk = (): boolean =>
    forEachMessage(buffer, buffer.length, () => {
      count += 1;
    });
  expect(walk).toThrow(expect.objectContaining({ name: "DecodeError", code }));
  expect(count).toBe(6);
});

test("forEachMessage() refuses a length beyond the buffer", () => {
  expect(() => forEachMessage(dump, dump.length + 1, () => true)).toThrow(DecodeError);
});

const anyMessage: fc.Arbitrary<NetlinkMessage> = fc.record({
  type: fc.nat(0xffff),
  flags: fc.nat(0xffff),
  seq: fc.nat(0xffff_ffff),
  pid: fc.nat(0xffff_ffff),
  body: fc.uint8Array({ maxLength: 40 }),
});

propertyTest.prop([fc.array(anyMessage, { maxLength: 6 })])(
  "splitMessages() undoes encodeMessage()",
  (messages) => {
    const bytes = Uint8Array.from(messages.flatMap((message) => [...encodeMessage(message)]));
    expect(splitMessages(bytes)).toEqual(messages);
  },
);
