import { expect, test } from "vitest";
import {
  decodeDone,
  decodeError,
  decodeErrorRequest,
  type ErrorMessage,
} from "../../../src/wire/netlink/error.ts";
import {
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLMSG_ERROR,
  RTM_GETROUTE,
  RTM_NEWROUTE,
} from "../../../src/wire/netlink/message-constants.ts";
import { goldenMessage, hex } from "./golden.ts";

const silent: ErrorMessage = {
  error: 0,
  message: null,
  offset: null,
  missingType: null,
  missingNest: null,
  unknown: [],
};

// errno(3): ENETUNREACH is 101, EEXIST 17, EINVAL 22, ENODEV 19
test.each([
  ["an acknowledgement", "error-acknowledgement", silent, RTM_NEWROUTE],
  ["a failure without a sentence", "error-no-route", { ...silent, error: -101 }, RTM_GETROUTE],
  ["a conflict", "error-file-exists", { ...silent, error: -17 }, RTM_NEWROUTE],
  [
    "the kernel's sentence",
    "error-no-egress-device",
    { ...silent, error: -22, message: "Egress device not specified" },
    RTM_NEWROUTE,
  ],
])("decodeError() reads %s", (_what, name, outcome, requestType) => {
  const { type, flags, body, seq } = goldenMessage(name);
  expect(type).toBe(NLMSG_ERROR);
  expect(decodeError(body, flags)).toEqual(outcome);
  expect(decodeErrorRequest(body)).toEqual({ type: requestType, seq });
});

test("decodeError() finds the attributes behind a request that is capped, too", () => {
  const { flags, body } = goldenMessage("error-no-egress-device");
  const requestLength = body[4] ?? 0;
  const capped = Uint8Array.from([...body.subarray(0, 20), ...body.subarray(4 + requestLength)]);
  expect(decodeError(capped, flags | NLM_F_CAPPED)).toEqual(decodeError(body, flags));
});

// linux/netlink.h: NLMSGERR_ATTR_OFFS 2, NLMSGERR_ATTR_MISS_TYPE 5, NLMSGERR_ATTR_MISS_NEST 6
test("decodeError() reads offset, missing type and nest, and keeps the rest", () => {
  const body = hex(`
    eaffffff 24000000 1800 0506 01000000 00000000
    0800 0200 18000000
    0800 0500 04000000
    0800 0600 1c000000
    0400 0480
  `);
  expect(decodeError(body, NLM_F_CAPPED | NLM_F_ACK_TLVS)).toEqual({
    error: -22,
    message: null,
    offset: 24,
    missingType: 4,
    missingNest: 28,
    unknown: [{ type: 4, flags: 0x8000, value: hex("") }],
  });
});

test("decodeError() refuses a request length that cannot be skipped", () => {
  const { flags, body } = goldenMessage("error-no-egress-device");
  for (const length of [0, 15, 0x7f, 0xff]) {
    const bad = body.slice();
    bad[4] = length;
    expect(() => decodeError(bad, flags)).toThrow(
      expect.objectContaining({ name: "DecodeError", code: "malformed" }),
    );
  }
});

test("decodeDone() reads the end of a dump", () => {
  const { flags, body } = goldenMessage("route-dump-main", 5);
  expect(decodeDone(body, flags)).toEqual(silent);
  expect(decodeDone(new Uint8Array(0), 0)).toEqual(silent);
});

test("decodeDone() reads a failure with a sentence", () => {
  const body = hex("eaffffff 0800 0100 6e6f6e00");
  expect(decodeDone(body, NLM_F_ACK_TLVS)).toEqual({ ...silent, error: -22, message: "non" });
});
