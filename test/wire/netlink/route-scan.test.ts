import { test as propertyTest } from "@fast-check/vitest";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeMessage } from "../../../src/wire/netlink/message.ts";
import { AF_INET, NLM_F_MULTI, RTM_NEWROUTE } from "../../../src/wire/netlink/message-constants.ts";
import { decodeRoute, emptyRoute, encodeRoute } from "../../../src/wire/netlink/route.ts";
import { type RouteScan, routeHeaderScan } from "../../../src/wire/netlink/route-scan.ts";
import { goldenMessage, ip, readGolden } from "./golden.ts";

function scan(
  buffer: Uint8Array,
  seq: number,
  maximumDstLength: number,
): RouteScan & { readonly kept: string[] } {
  const kept: string[] = [];
  const result = routeHeaderScan(buffer, buffer.length, seq, maximumDstLength, (offset, length) => {
    const { dst, dstLength } = decodeRoute(buffer.subarray(offset, offset + length));
    kept.push(`${dst?.join(".") ?? "-"}/${dstLength}`);
  });
  return { ...result, kept };
}

function routes(...destinations: readonly string[]): Uint8Array {
  return Uint8Array.from(
    destinations.flatMap((destination) => {
      const [address = "", length] = destination.split("/");
      const dstLength = Number(length);
      const dst = dstLength === 0 ? null : ip(address);
      const body = encodeRoute({ ...emptyRoute, family: AF_INET, table: 5100, dst, dstLength });
      return [...encodeMessage({ type: RTM_NEWROUTE, flags: NLM_F_MULTI, seq: 7, pid: 1, body })];
    }),
  );
}

test("routeHeaderScan() keeps the short prefixes of a recorded dump", () => {
  const dump = readGolden("route-dump-main");
  const { seq } = goldenMessage("route-dump-main");
  expect(scan(dump, seq, 7)).toMatchObject({
    kept: ["-/0"],
    pastDefaults: true,
    interrupted: false,
    outcome: { error: 0 },
  });
  expect(scan(dump, seq, 24).kept).toEqual(["-/0", "10.0.0.0/24", "10.1.0.0/24", "192.0.2.0/24"]);
});

test("routeHeaderScan() is never past the defaults of an IPv6 dump", () => {
  const dump = readGolden("route6-dump-main");
  const { seq } = goldenMessage("route6-dump-main");
  const { kept, pastDefaults, outcome } = scan(dump, seq, 7);
  expect(kept).toEqual(["-/0"]);
  expect(pastDefaults).toBe(false);
  expect(outcome).toMatchObject({ error: 0 });
});

test("routeHeaderScan() is not past the defaults while the destination is 0.0.0.0", () => {
  expect(scan(routes("0.0.0.0/8", "0.0.0.0/1", "0.0.0.0/0"), 7, 7)).toMatchObject({
    kept: ["0.0.0.0/1", "-/0"],
    pastDefaults: false,
    outcome: null,
  });
  expect(scan(routes("0.0.0.0/8", "0.0.0.0/0", "0.0.0.1/32"), 7, 7).pastDefaults).toBe(true);
  expect(scan(routes("128.0.0.0/1"), 7, 7)).toMatchObject({
    kept: ["128.0.0.0/1"],
    pastDefaults: true,
  });
});

test("routeHeaderScan() passes over the answers to other requests", () => {
  expect(scan(routes("10.0.0.0/8"), 8, 32)).toMatchObject({ kept: [], pastDefaults: false });
});

propertyTest.prop([fc.array(fc.tuple(fc.nat(0xff), fc.nat(32)), { maxLength: 20 }), fc.nat(32)])(
  "routeHeaderScan() keeps exactly the prefixes that are short enough",
  (prefixes, maximum) => {
    const texts = prefixes.map(([byte, length]) => `${byte}.0.0.0/${length}`);
    expect(scan(routes(...texts), 7, maximum).kept).toEqual(
      prefixes
        .filter(([, length]) => length <= maximum)
        .map(([byte, length]) => (length === 0 ? "-/0" : `${byte}.0.0.0/${length}`)),
    );
  },
);
