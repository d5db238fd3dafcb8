import { describe, expect, test } from "vitest";
import { ticksToMs } from "../../../native-bindings/darwin/clock.ts";
import {
  decodeMedia,
  encodeMediaRequest,
  IFMEDIAREQ,
} from "../../../native-bindings/darwin/interface-media.ts";
import { decodeXucred, XUCRED } from "../../../native-bindings/darwin/peer-credentials.ts";

describe("ticksToMs()", () => {
  test.each([
    ["a tick of one nanosecond", 1_500_000n, 1, 1, 1.5],
    ["24 MHz", 24_000_000, 125, 3, 1000],
    ["a year of nanoseconds", 31_536_000_000_000_000n, 1, 1, 31_536_000_000],
  ])("of %s", (_what, ticks, numerator, denominator, ms) => {
    expect(ticksToMs(ticks, { numerator, denominator })).toBeCloseTo(ms, 6);
  });
});

describe("decodeXucred()", () => {
  const credentials = (version: number, groups: readonly number[]): Uint8Array => {
    const view = new DataView(new ArrayBuffer(XUCRED.size));
    view.setUint32(0, version, true);
    view.setUint32(XUCRED.uidAt, 501, true);
    view.setInt16(XUCRED.groupCountAt, groups.length, true);
    for (const [at, gid] of groups.entries()) view.setUint32(XUCRED.groupsAt + at * 4, gid, true);
    return new Uint8Array(view.buffer);
  };

  test("gives the user and the first group, which is the effective one", () => {
    expect(decodeXucred(credentials(0, [20, 12, 61]))).toEqual({ uid: 501, gid: 20 });
  });

  test.each([
    ["another version", credentials(1, [20])],
    ["no group", credentials(0, [])],
    ["no bytes", new Uint8Array()],
  ])("refuses %s", (_what, bytes) => {
    expect(() => decodeXucred(bytes)).toThrow(RangeError);
  });
});

describe("decodeMedia()", () => {
  const answer = (status: number, current: number): Uint8Array => {
    const bytes = encodeMediaRequest("en0") ?? new Uint8Array();
    const view = new DataView(bytes.buffer);
    view.setInt32(IFMEDIAREQ.statusAt, status, true);
    view.setInt32(IFMEDIAREQ.currentAt, current, true);
    return bytes;
  };

  // net/if_media.h: IFM_AVALID 1, IFM_ACTIVE 2; IFM_ETHER 0x20, IFM_IEEE80211 0x80.
  test.each([
    ["a cable", 3, 0x20, { active: true, wireless: false }],
    ["no cable", 1, 0x20, { active: false, wireless: false }],
    ["a network by radio", 3, 0x80, { active: true, wireless: true }],
    ["a driver that does not know", 0, 0x20, { active: null, wireless: false }],
    ["a driver that does not know, and says active", 2, 0x20, { active: null, wireless: false }],
  ])("of %s", (_what, status, current, expected) => {
    expect(decodeMedia(answer(status, current))).toEqual(expected);
  });
});

describe("encodeMediaRequest()", () => {
  test("begins with the name", () => {
    const request = encodeMediaRequest("utun4");
    expect(new TextDecoder().decode(request?.subarray(0, 6))).toBe("utun4\0");
    expect(request?.length).toBe(IFMEDIAREQ.size);
  });

  test("takes no name that has no room with its end", () => {
    expect(encodeMediaRequest("a".repeat(15))).not.toBeNull();
    expect(encodeMediaRequest("a".repeat(16))).toBeNull();
    expect(encodeMediaRequest("")).toBeNull();
  });
});
