import { expect, test } from "vitest";
import { encodeMessage } from "../../../src/wire/netlink/message.ts";
import {
  NLM_F_DUMP_INTR,
  NLM_F_MULTI,
  NLMSG_DONE,
  NLMSG_NOOP,
  RTM_NEWROUTE,
} from "../../../src/wire/netlink/message-constants.ts";
import { forEachReply, type ReplyProgress } from "../../../src/wire/netlink/reply.ts";
import { goldenMessage, hex, readGolden } from "./golden.ts";

/** Walks a whole buffer; gives the progress and the types seen. */
function walk(
  buffer: Uint8Array,
  seq: number,
  awaitsAcknowledgement = false,
): ReplyProgress & { readonly types: number[] } {
  const types: number[] = [];
  const progress = forEachReply(
    buffer,
    buffer.length,
    seq,
    (type) => {
      types.push(type);
      return undefined;
    },
    awaitsAcknowledgement,
  );
  return { ...progress, types };
}

function message(type: number, flags: number, seq: number, body = ""): number[] {
  return [...encodeMessage({ type, flags, seq, pid: 0, body: hex(body) })];
}

const dump = readGolden("route-dump-main");
const { seq } = goldenMessage("route-dump-main");

test("forEachReply() ends a dump at NLMSG_DONE", () => {
  const { types, outcome, interrupted } = walk(dump, seq);
  expect(types).toEqual(new Array(5).fill(RTM_NEWROUTE));
  expect(outcome).toMatchObject({ error: 0 });
  expect(interrupted).toBe(false);
});

test("forEachReply() says that more is to come", () => {
  expect(walk(dump.subarray(0, dump.length - 20), seq)).toMatchObject({ outcome: null });
});

test("forEachReply() passes over the answers to other requests", () => {
  expect(walk(dump, seq + 1)).toEqual({ types: [], outcome: null, interrupted: false });
  const mixed = Uint8Array.from([...message(NLMSG_DONE, 2, 8, "eaffffff"), ...message(24, 2, 9)]);
  expect(walk(mixed, 9)).toEqual({ types: [24], outcome: null, interrupted: false });
});

test("forEachReply() ends at a failure and at an acknowledgement", () => {
  const failed = goldenMessage("error-no-egress-device");
  expect(walk(readGolden("error-no-egress-device"), failed.seq).outcome).toMatchObject({
    error: -22,
    message: "Egress device not specified",
  });
  const acknowledged = goldenMessage("error-acknowledgement");
  expect(walk(readGolden("error-acknowledgement"), acknowledged.seq).outcome).toMatchObject({
    error: 0,
  });
});

test("forEachReply() ends at a single answer, unless an acknowledgement is to follow", () => {
  const answer = readGolden("route-lookup-answer");
  const { seq: asked } = goldenMessage("route-lookup-answer");
  expect(walk(answer, asked)).toMatchObject({ types: [RTM_NEWROUTE], outcome: { error: 0 } });
  expect(walk(answer, asked, true)).toMatchObject({ types: [RTM_NEWROUTE], outcome: null });
});

test("forEachReply() tells a dump that the table's changes interrupted", () => {
  for (const flagged of [RTM_NEWROUTE, NLMSG_DONE]) {
    const buffer = Uint8Array.from(
      [RTM_NEWROUTE, NLMSG_DONE].flatMap((type) =>
        message(type, NLM_F_MULTI | (type === flagged ? NLM_F_DUMP_INTR : 0), 7, "00000000"),
      ),
    );
    expect(walk(buffer, 7)).toMatchObject({ interrupted: true, outcome: { error: 0 } });
  }
});

test("forEachReply() passes over NLMSG_NOOP", () => {
  const buffer = Uint8Array.from([...message(NLMSG_NOOP, 0, 7), ...message(NLMSG_DONE, 2, 7)]);
  expect(walk(buffer, 7)).toMatchObject({ types: [], outcome: { error: 0 } });
});

test("forEachReply() leaves the rest of the buffer when the visitor says so", () => {
  let seen = 0;
  const progress = forEachReply(dump, dump.length, seq, () => {
    seen += 1;
    return false;
  });
  expect(seen).toBe(1);
  expect(progress.outcome).toBeNull();
});
