import { test as propertyTest } from "@fast-check/vitest";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DecodeError } from "../../../src/wire/decode-error.ts";
import { encodeMessage } from "../../../src/wire/netlink/message.ts";
import {
  AF_INET,
  AF_INET6,
  NLM_F_MULTI,
  RTM_NEWROUTE,
} from "../../../src/wire/netlink/message-constants.ts";
import { decodeRoute, emptyRoute, encodeRoute } from "../../../src/wire/netlink/route.ts";
import { type RouteCoverScan, routeCoverScan } from "../../../src/wire/netlink/route-cover-scan.ts";
import { goldenMessage, ip, readGolden } from "./golden.ts";

function scan(
  buffer: Uint8Array,
  seq: number,
  destination: Uint8Array,
): RouteCoverScan & { readonly kept: string[] } {
  const kept: string[] = [];
  const result = routeCoverScan(buffer, buffer.length, seq, destination, (offset, length) => {
    const { dst, dstLength } = decodeRoute(buffer.subarray(offset, offset + length));
    kept.push(`${dst?.join(".") ?? "-"}/${dstLength}`);
  });
  return { ...result, kept };
}

function dump(...destinations: readonly string[]): Uint8Array {
  return Uint8Array.from(
    destinations.flatMap((destination) => {
      const [address = "", length] = destination.split("/");
      const dstLength = Number(length);
      const dst = dstLength === 0 ? null : ip(address);
      const family = address.includes(":") ? AF_INET6 : AF_INET;
      const body = encodeRoute({ ...emptyRoute, family, table: 5100, dst, dstLength });
      return [...encodeMessage({ type: RTM_NEWROUTE, flags: NLM_F_MULTI, seq: 7, pid: 1, body })];
    }),
  );
}

test("routeCoverScan() shows the routes of a recorded dump that hold the destination", () => {
  const buffer = readGolden("route-dump-main");
  const { seq } = goldenMessage("route-dump-main");
  expect(scan(buffer, seq, Uint8Array.of(0, 0, 0, 1)).kept).toEqual(["-/0"]);
  expect(scan(buffer, seq + 1, Uint8Array.of(0, 0, 0, 1)).kept).toEqual([]);
});

test("routeCoverScan() compares bits, not bytes", () => {
  const buffer = dump("0.0.0.0/0", "10.0.0.0/8", "10.96.0.0/11", "10.96.0.0/12", "10.112.0.0/13");
  expect(scan(buffer, 7, Uint8Array.of(10, 112, 0, 1)).kept).toEqual([
    "-/0",
    "10.0.0.0/8",
    "10.96.0.0/11",
    "10.112.0.0/13",
  ]);
});

test("routeCoverScan() says when an IPv4 dump has passed the destination", () => {
  const destination = Uint8Array.of(10, 0, 0, 9);
  expect(scan(dump("10.0.0.0/24", "10.0.0.8/30"), 7, destination).pastDestination).toBe(false);
  expect(scan(dump("10.0.0.0/24", "10.0.0.10/32"), 7, destination).pastDestination).toBe(true);
  // IPv6 dumps are not in the order of addresses.
  const ipv6 = dump("2001:db8::/32", "3000::/16");
  expect(scan(ipv6, 7, ip("2001:db8::1"))).toMatchObject({
    kept: [expect.stringContaining("/32")],
    pastDestination: false,
  });
});

test("routeCoverScan() refuses a destination of another family", () => {
  expect(() => scan(dump("10.0.0.0/8"), 7, ip("2001:db8::1"))).toThrow(DecodeError);
});

propertyTest.prop([fc.uint8Array({ maxLength: 120 })])(
  "routeCoverScan() lets nothing but a DecodeError escape",
  (body) => {
    const message = { type: RTM_NEWROUTE, flags: NLM_F_MULTI, seq: 7, pid: 1, body };
    const buffer = encodeMessage(message);
    try {
      routeCoverScan(buffer, buffer.length, 7, Uint8Array.of(10, 0, 0, 1), () => undefined);
    } catch (error) {
      expect(error).toBeInstanceOf(DecodeError);
    }
  },
);
