import { fc, test as propertyTest } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { HintStream } from "../../../src/platform/hint-stream.ts";
import { type MessageHinter, messageHinter } from "../../../src/platform/linux/message-hint.ts";
import type { ChangeHint } from "../../../src/platform/platform.ts";
import { DecodeError } from "../../../src/wire/decode-error.ts";
import * as nl from "../../../src/wire/netlink/message-constants.ts";

const ipv4: ChangeHint = { kind: "defaults", family: "ipv4" };
const ipv6: ChangeHint = { kind: "defaults", family: "ipv6" };
const suspected4: ChangeHint = { ...ipv4, suspected: true };
const suspected6: ChangeHint = { ...ipv6, suspected: true };
const door = (index: number): ChangeHint => ({ kind: "interface", index });

const up = 0x1;
const running = 0x40;
const lowerUp = 0x1_0000;

/** struct ifinfomsg */
function link(index: number, flags: number, family = 0): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint8(0, family);
  view.setInt32(4, index, true);
  view.setUint32(8, flags, true);
  return new Uint8Array(view.buffer);
}

/** struct ifaddrmsg */
function address(family: number, index: number): Uint8Array {
  return Uint8Array.of(family, 24, 0, 0, index, 0, 0, 0);
}

/** struct rtmsg */
function route(family: number, dstLength: number, protocol = 4): Uint8Array {
  return Uint8Array.of(family, dstLength, 0, 0, 254, protocol, 0, 1, 0, 0, 0, 0);
}

function hintsOf(type: number, body: Uint8Array, hinter: MessageHinter = messageHinter(199)) {
  const hints: ChangeHint[] = [];
  // A body stands somewhere in a buffer.
  const bytes = Uint8Array.of(9, 9, 9, 9, ...body, 9);
  const rang = hinter.hint(type, bytes, 4, body.length, {
    ring: (hint) => hints.push(hint),
  });
  expect(rang).toBe(hints.length > 0);
  return hints;
}

describe("messageHinter()", () => {
  test("a link rings its interface, and the defaults when it may carry less or more", () => {
    const hinter = messageHinter(199);
    const all = [door(7), suspected4, suspected6];
    const alive = up | running | lowerUp;
    expect(hintsOf(nl.RTM_NEWLINK, link(7, alive), hinter)).toEqual(all);
    expect(hintsOf(nl.RTM_NEWLINK, link(7, alive), hinter)).toEqual([door(7)]);
    expect(hintsOf(nl.RTM_NEWLINK, link(7, alive | 0x2), hinter)).toEqual([door(7)]);
    expect(hintsOf(nl.RTM_NEWLINK, link(7, up), hinter)).toEqual(all);
    expect(hintsOf(nl.RTM_NEWLINK, link(7, 0), hinter)).toEqual(all);
    expect(hintsOf(nl.RTM_DELLINK, link(7, 0), hinter)).toEqual(all);
  });

  test("a link goes down and up between two readings: the defaults ring", () => {
    const hinter = messageHinter(199);
    const alive = up | running | lowerUp;
    hintsOf(nl.RTM_NEWLINK, link(7, alive), hinter);
    expect(hintsOf(nl.RTM_NEWLINK, link(7, 0), hinter)).toContainEqual(suspected4);
    expect(hintsOf(nl.RTM_NEWLINK, link(7, alive), hinter)).toContainEqual(suspected4);
  });

  test("reset() forgets the links: after a loss the next message of each rings the defaults", () => {
    const hinter = messageHinter(199);
    hintsOf(nl.RTM_NEWLINK, link(7, up), hinter);
    hinter.reset();
    expect(hintsOf(nl.RTM_NEWLINK, link(7, up), hinter)).toEqual([door(7), suspected4, suspected6]);
  });

  test("a bridge's news of its port rings nothing", () => {
    expect(hintsOf(nl.RTM_NEWLINK, link(7, up, 7))).toEqual([]);
    expect(hintsOf(nl.RTM_DELLINK, link(7, up, 7))).toEqual([]);
  });

  test("an address rings its interface, a deleted one also the defaults of its family", () => {
    expect(hintsOf(nl.RTM_NEWADDR, address(nl.AF_INET, 3))).toEqual([door(3)]);
    expect(hintsOf(nl.RTM_DELADDR, address(nl.AF_INET, 3))).toEqual([door(3), suspected4]);
    expect(hintsOf(nl.RTM_DELADDR, address(nl.AF_INET6, 3))).toEqual([door(3), suspected6]);
    expect(hintsOf(nl.RTM_NEWADDR, address(28, 3))).toEqual([]);
  });

  test.each([nl.RTM_NEWROUTE, nl.RTM_DELROUTE])(
    "a route up to /7 or of our protocol rings the defaults of its family: message %i",
    (type) => {
      expect(hintsOf(type, route(nl.AF_INET, 0))).toEqual([ipv4]);
      expect(hintsOf(type, route(nl.AF_INET6, 7))).toEqual([ipv6]);
      expect(hintsOf(type, route(nl.AF_INET, 8))).toEqual([]);
      expect(hintsOf(type, route(nl.AF_INET6, 64, 199))).toEqual([ipv6]);
      expect(hintsOf(type, route(128, 0))).toEqual([]);
    },
  );

  test("a rule rings the defaults of its family, a nexthop object those of both", () => {
    expect(hintsOf(nl.RTM_NEWRULE, route(nl.AF_INET6, 0))).toEqual([ipv6]);
    expect(hintsOf(nl.RTM_DELRULE, route(nl.AF_INET, 0))).toEqual([ipv4]);
    expect(hintsOf(nl.RTM_DELRULE, route(128, 0))).toEqual([]);
    expect(hintsOf(nl.RTM_NEWNEXTHOP, new Uint8Array(8))).toEqual([ipv4, ipv6]);
    expect(hintsOf(nl.RTM_DELNEXTHOP, new Uint8Array(8))).toEqual([ipv4, ipv6]);
  });

  test("a default that a message tells of is another door than one that is suspected", async () => {
    const hinter = messageHinter(199);
    const stream = new HintStream();
    for (const [type, body] of [
      [nl.RTM_NEWLINK, link(7, up)],
      [nl.RTM_NEWROUTE, route(nl.AF_INET, 0)],
      [nl.RTM_NEWLINK, link(7, 0)],
    ] as const)
      hinter.hint(type, body, 0, body.length, stream);
    const { value } = await stream.next();
    expect(value).toEqual([door(7), suspected4, suspected6, ipv4]);
  });

  test("a message of another type rings nothing", () => {
    expect(hintsOf(nl.NLMSG_ERROR, new Uint8Array(20))).toEqual([]);
    expect(hintsOf(99, new Uint8Array(0))).toEqual([]);
  });

  propertyTest.prop([fc.nat(120), fc.uint8Array({ maxLength: 40 })])(
    "nothing but a DecodeError escapes, and a short body never passes",
    (type, body) => {
      const hinter = messageHinter(199);
      try {
        hinter.hint(type, body, 0, body.length, new HintStream());
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError);
        expect(body.length).toBeLessThan(16);
      }
    },
  );
});
