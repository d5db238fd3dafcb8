import { expect, test } from "vitest";
import { splitMessages } from "../../../src/wire/netlink/message.ts";
import { AF_INET, AF_INET6, AF_UNSPEC } from "../../../src/wire/netlink/message-constants.ts";
import { decodeNexthop, type NexthopMessage } from "../../../src/wire/netlink/nexthop.ts";
import { RT_SCOPE_LINK, RTNH_F_ONLINK } from "../../../src/wire/netlink/route-constants.ts";
import { goldenMessage, hex, ip, readGolden } from "./golden.ts";

const empty: NexthopMessage = {
  family: AF_UNSPEC,
  scope: 0,
  protocol: 0,
  flags: 0,
  id: null,
  group: null,
  groupType: null,
  blackhole: false,
  oif: null,
  gateway: null,
  encapType: null,
  encap: null,
  fdb: false,
  unknown: [],
};

const recorded: [string, string, NexthopMessage][] = [
  [
    "a gateway",
    "nexthop-single",
    {
      ...empty,
      family: AF_INET,
      scope: RT_SCOPE_LINK,
      protocol: 199,
      id: 5,
      oif: 10,
      gateway: ip("10.0.0.1"),
    },
  ],
  [
    "an onlink IPv6 gateway",
    "nexthop-onlink-ipv6",
    {
      ...empty,
      family: AF_INET6,
      scope: RT_SCOPE_LINK,
      flags: RTNH_F_ONLINK,
      id: 6,
      oif: 12,
      gateway: ip("fe80::1"),
    },
  ],
  [
    "a group, keeping the unknown NHA_OP_FLAGS",
    "nexthop-group",
    {
      ...empty,
      id: 8,
      groupType: 0,
      group: [
        { id: 5, weight: 2 },
        { id: 7, weight: 0 },
      ],
      unknown: [{ type: 14, flags: 0, value: hex("00000080") }],
    },
  ],
  ["a blackhole", "nexthop-blackhole", { ...empty, family: AF_INET, id: 9, blackhole: true }],
];

test.each(recorded)("decodeNexthop() reads %s", (_what, name, nexthop) => {
  expect(decodeNexthop(goldenMessage(name).body)).toEqual(nexthop);
});

test("decodeNexthop() reads a dump alike", () => {
  const dumped = splitMessages(readGolden("nexthop-dump")).map(({ body }) => decodeNexthop(body));
  expect(dumped.map(({ id }) => id)).toEqual([5, 6, 7, 8, 9]);
  for (const [, , nexthop] of recorded) expect(dumped).toContainEqual(nexthop);
});

test("decodeNexthop() reads a weight of sixteen bits", () => {
  const body = hex("00000000 00000000 0c00 0200 05000000 0201 0000");
  expect(decodeNexthop(body).group).toEqual([{ id: 5, weight: 0x102 }]);
});

test("decodeNexthop() refuses a group that is no list of members", () => {
  const body = hex("00000000 00000000 0800 0200 05000000");
  expect(() => decodeNexthop(body)).toThrow(
    expect.objectContaining({ name: "DecodeError", code: "malformed" }),
  );
});
