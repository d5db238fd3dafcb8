import { expect, test } from "vitest";
import {
  RTEXT_FILTER_SKIP_STATS,
  RTEXT_FILTER_VF,
} from "../../../src/wire/netlink/link-constants.ts";
import { splitMessages } from "../../../src/wire/netlink/message.ts";
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  NLM_F_ACK,
  NLM_F_REQUEST,
  NLMSG_NOOP,
} from "../../../src/wire/netlink/message-constants.ts";
import * as request from "../../../src/wire/netlink/request.ts";
import * as rta from "../../../src/wire/netlink/route-constants.ts";
import { goldenRequest, hex, ip } from "./golden.ts";

// The witness is iproute2: what we send must be its bytes, sequence number included.

test.each<[string, string, (seq: number) => Uint8Array]>([
  [
    "encodeGetLink()",
    "link-get-by-index",
    (seq) => request.encodeGetLink(seq, 10, RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS),
  ],
  [
    "encodeGetAddressDump()",
    "address-get-dump-by-index",
    (seq) => request.encodeGetAddressDump(seq, AF_INET, 10),
  ],
  [
    "encodeGetRouteDump() with a table",
    "route-get-dump-table",
    (seq) => request.encodeGetRouteDump(seq, AF_INET, { table: 104 }),
  ],
  [
    "encodeGetRouteDump() with a table above 255",
    "route-get-dump-wide-table",
    (seq) => request.encodeGetRouteDump(seq, AF_INET, { table: 5100 }),
  ],
  [
    "encodeGetRouteDump() with protocol and interface",
    "route-get-dump-filters",
    (seq) =>
      request.encodeGetRouteDump(seq, AF_INET, {
        table: rta.RT_TABLE_MAIN,
        protocol: rta.RTPROT_STATIC,
        oif: 10,
      }),
  ],
  [
    "encodeGetRouteLookup()",
    "route-get-lookup",
    (seq) => request.encodeGetRouteLookup(seq, { dst: ip("1.0.0.1") }),
  ],
  [
    "encodeGetRouteLookup() for IPv6",
    "route6-get-lookup",
    (seq) => request.encodeGetRouteLookup(seq, { dst: ip("2000::1") }),
  ],
  [
    "encodeGetRouteLookup() with every key of a local packet",
    "route-get-lookup-keys",
    (seq) =>
      request.encodeGetRouteLookup(seq, {
        dst: ip("1.0.0.1"),
        src: ip("10.0.0.2"),
        oif: 10,
        mark: 81,
        uid: 1000,
        ipProto: 6,
        sport: 1234,
        dport: 443,
      }),
  ],
  [
    "encodeGetRouteLookup() for a forwarded packet",
    "route-get-lookup-iif",
    (seq) =>
      request.encodeGetRouteLookup(seq, {
        dst: ip("1.0.0.1"),
        src: ip("10.1.0.9"),
        iif: 12,
      }),
  ],
  ["encodeGetRuleDump()", "rule-get-dump", (seq) => request.encodeGetRuleDump(seq, AF_INET6)],
  ["encodeGetNexthop()", "nexthop-get", (seq) => request.encodeGetNexthop(seq, 5)],
  ["encodeGetNexthopDump()", "nexthop-get-dump", (seq) => request.encodeGetNexthopDump(seq)],
])("%s sends what ip sends", (_what, name, encode) => {
  const { bytes, seq } = goldenRequest(name);
  expect(encode(seq)).toEqual(bytes);
});

// `ip link show` asks for AF_PACKET, which the kernel answers as it answers AF_UNSPEC.
test("encodeGetLinkDump() differs from ip only in the family", () => {
  const { bytes, seq } = goldenRequest("link-get-dump");
  const expected = bytes.slice();
  expected[16] = AF_UNSPEC;
  expect(request.encodeGetLinkDump(seq, RTEXT_FILTER_VF)).toEqual(expected);
});

test("encodeProbe() asks for nothing but an acknowledgement", () => {
  expect(splitMessages(request.encodeProbe(9))).toEqual([
    { type: NLMSG_NOOP, flags: NLM_F_REQUEST | NLM_F_ACK, seq: 9, pid: 0, body: hex("") },
  ]);
});
