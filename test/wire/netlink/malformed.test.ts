import { test as propertyTest } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DecodeError } from "../../../src/wire/decode-error.ts";
import { decodeAddress } from "../../../src/wire/netlink/address.ts";
import { decodeDone, decodeError, decodeErrorRequest } from "../../../src/wire/netlink/error.ts";
import { decodeLink } from "../../../src/wire/netlink/link.ts";
import { forEachMessage, splitMessages } from "../../../src/wire/netlink/message.ts";
import { NLM_F_ACK_TLVS, RTM_NEWROUTE } from "../../../src/wire/netlink/message-constants.ts";
import { decodeNexthop } from "../../../src/wire/netlink/nexthop.ts";
import { forEachReply } from "../../../src/wire/netlink/reply.ts";
import { decodeRoute, encodeRoute } from "../../../src/wire/netlink/route.ts";
import { routeHeaderScan } from "../../../src/wire/netlink/route-scan.ts";
import { decodeRule, encodeRule } from "../../../src/wire/netlink/rule.ts";
import { goldenNames, readGolden } from "./golden.ts";

/** Every decoder of a message's body; those that have an encoder are taken there and back. */
const decoders: Record<string, (body: Uint8Array) => unknown> = {
  decodeLink,
  decodeAddress,
  decodeRoute: (body) => {
    const route = decodeRoute(body);
    expect(decodeRoute(encodeRoute(route))).toEqual(route);
  },
  decodeRule: (body) => {
    const rule = decodeRule(body);
    expect(decodeRule(encodeRule(rule))).toEqual(rule);
  },
  decodeNexthop,
  decodeError: (body) => decodeError(body, NLM_F_ACK_TLVS),
  decodeErrorRequest,
  decodeDone: (body) => decodeDone(body, NLM_F_ACK_TLVS),
};

/** Runs a decoder; anything but success and DecodeError comes through. Says whether it succeeded. */
function survives(decode: () => unknown): boolean {
  try {
    decode();
    return true;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    expect(["truncated", "malformed"]).toContain(error.code);
    return false;
  }
}

/** Bytes in a bigger buffer, so that a read past the end would meet 0xff and not nothing. */
function withSurroundings(bytes: Uint8Array): Uint8Array {
  const buffer = new Uint8Array(bytes.length + 512).fill(0xff);
  buffer.set(bytes, 256);
  return buffer.subarray(256, 256 + bytes.length);
}

const recorded = goldenNames().map(readGolden);
const bodies = recorded.flatMap((bytes) => splitMessages(bytes)).map(({ body }) => body);
const anyGolden = fc.constantFrom(...recorded);
const anyBody = fc.constantFrom(...bodies);

/** Some bytes of a message set to others. */
function mutated(source: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(fc.nat(4095), fc.nat(255));
  return fc
    .tuple(source, fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([bytes, changes]) => {
      const copy = bytes.slice();
      for (const [at, byte] of changes) if (copy.length > 0) copy[at % copy.length] = byte;
      return copy;
    });
}

describe.each(Object.entries(decoders))("%s()", (_name, decode) => {
  propertyTest.prop([fc.uint8Array({ maxLength: 96 })])("of random bytes", (bytes) => {
    survives(() => decode(bytes));
  });

  propertyTest.prop([anyBody, fc.nat(2048)])("of a message cut short", (body, length) => {
    survives(() => decode(body.subarray(0, length)));
  });

  propertyTest.prop([mutated(anyBody)], { numRuns: 300 })(
    "of a message with wrong bytes",
    (body) => {
      survives(() => decode(body));
    },
  );

  propertyTest.prop([mutated(anyBody)])("does not read past the end", (body) => {
    const outcome = (bytes: Uint8Array): unknown => {
      try {
        return decode(bytes);
      } catch (error) {
        return error;
      }
    };
    expect(outcome(withSurroundings(body))).toEqual(outcome(body));
  });

  test("of a message whose every byte is cut off in turn", () => {
    for (const body of bodies.filter(({ length }) => length < 160))
      for (let length = 0; length < body.length; length += 1)
        survives(() => decode(body.subarray(0, length)));
  });
});

propertyTest.prop([mutated(anyGolden)], { numRuns: 500 })(
  "forEachMessage() stays inside a buffer with wrong bytes",
  (bytes) => {
    survives(() =>
      forEachMessage(bytes, bytes.length, (_type, _flags, _seq, _pid, offset, length) => {
        expect(offset).toBeGreaterThanOrEqual(16);
        expect(offset + length).toBeLessThanOrEqual(bytes.length);
        return undefined;
      }),
    );
  },
);

propertyTest.prop([mutated(anyGolden), fc.nat(128)], { numRuns: 500 })(
  "forEachReply() and routeHeaderScan() throw only DecodeError",
  (bytes, maximum) => {
    const seq = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
    survives(() => forEachReply(bytes, bytes.length, seq, () => undefined));
    survives(() => routeHeaderScan(bytes, bytes.length, seq, maximum, () => undefined));
  },
);

test("a body that cannot be decoded loses none of the other messages", () => {
  const dump = readGolden("route-dump-main");
  const first = splitMessages(dump)[0]?.body;
  // The length of the first attribute, behind struct rtmsg.
  first?.set([0xff, 0xff], 12);
  const outcomes = splitMessages(dump)
    .filter(({ type }) => type === RTM_NEWROUTE)
    .map(({ body }) => survives(() => decodeRoute(body)));
  expect(outcomes).toEqual([false, true, true, true, true]);
});
