import { expect, test } from "vitest";
import {
  AF_INET,
  AF_INET6,
  NLM_F_REPLACE,
  RTM_DELROUTE,
} from "../../../src/wire/netlink/message-constants.ts";
import { decodeRoute, emptyRoute, encodeRoute } from "../../../src/wire/netlink/route.ts";
import {
  ICMPV6_ROUTER_PREF_HIGH,
  ICMPV6_ROUTER_PREF_MEDIUM,
  LWTUNNEL_ENCAP_IP,
  RT_SCOPE_LINK,
  RT_TABLE_MAIN,
  RTAX_ADVMSS,
  RTAX_CC_ALGO,
  RTAX_LOCK,
  RTAX_MTU,
  RTN_UNICAST,
  RTN_UNREACHABLE,
  RTNH_F_LINKDOWN,
  RTNH_F_ONLINK,
  RTPROT_BOOT,
  RTPROT_DHCP,
  RTPROT_RA,
  RTPROT_STATIC,
} from "../../../src/wire/netlink/route-constants.ts";
import { emptyLeg } from "../../../src/wire/netlink/route-leg.ts";
import { goldenMessage, goldenNames, hex, ip } from "./golden.ts";

const ipv4 = { ...emptyRoute, family: AF_INET, type: RTN_UNICAST, protocol: RTPROT_BOOT };
const noCacheInfo = {
  clntref: 0,
  lastuse: 0,
  expires: 0,
  error: 0,
  used: 0,
  id: 0,
  ts: 0,
  tsage: 0,
};
const ipv6 = {
  ...emptyRoute,
  family: AF_INET6,
  type: RTN_UNICAST,
  protocol: RTPROT_BOOT,
  priority: 1024,
  cacheinfo: noCacheInfo,
  pref: ICMPV6_ROUTER_PREF_MEDIUM,
};

const fiveGateways = {
  ...ipv4,
  protocol: RTPROT_DHCP,
  table: RT_TABLE_MAIN,
  priority: 100,
  prefsrc: ip("10.0.0.2"),
  oif: 10,
};
const legs = [
  { ...emptyLeg, hops: 2, ifindex: 10, gateway: ip("10.0.0.1") },
  { ...emptyLeg, flags: RTNH_F_ONLINK, ifindex: 12, gateway: ip("10.1.0.1") },
];

test.each([
  ["a gateway", "route-gateway", { ...fiveGateways, gateway: ip("10.0.0.1") }],
  ["a replacement", "route-replaced", { ...fiveGateways, gateway: ip("10.0.0.9") }],
  [
    "a device route in a table above 255",
    "route-device",
    { ...ipv4, table: 5100, protocol: 199, scope: RT_SCOPE_LINK, oif: 10 },
  ],
  [
    "onlink",
    "route-onlink",
    { ...ipv4, table: 102, flags: RTNH_F_ONLINK, gateway: ip("172.16.0.1"), oif: 10 },
  ],
  [
    "legs with weight and flags",
    "route-multipath",
    { ...ipv4, table: 104, protocol: RTPROT_STATIC, priority: 20, multipath: legs },
  ],
  [
    "an IPv6 gateway of an IPv4 route",
    "route-via-ipv6",
    { ...ipv4, table: 106, via: { family: AF_INET6, address: ip("2001:db8:3::1") }, oif: 10 },
  ],
  [
    "metrics",
    "route-metrics",
    {
      ...ipv4,
      table: 108,
      gateway: ip("10.0.0.1"),
      oif: 10,
      metrics: {
        values: new Map([
          [RTAX_LOCK, 1 << RTAX_MTU],
          [RTAX_MTU, 1400],
          [RTAX_ADVMSS, 1300],
        ]),
        unknown: [{ type: RTAX_CC_ALGO, flags: 0, value: hex("637562696300") }],
      },
    },
  ],
  [
    "a priority above 2^31",
    "route-unreachable",
    { ...ipv4, table: 110, type: RTN_UNREACHABLE, priority: 4_278_198_272 },
  ],
  [
    "a nexthop object with its legs",
    "route-nexthop-object",
    {
      ...ipv4,
      table: 130,
      nhId: 8,
      multipath: legs.map((leg) => ({ ...leg, flags: 0 })),
    },
  ],
  ["a nexthop object alone", "route-nexthop-object-only", { ...ipv4, table: 130, nhId: 8 }],
  [
    "a link without carrier",
    "route-linkdown",
    {
      ...ipv4,
      table: 5100,
      protocol: 199,
      scope: RT_SCOPE_LINK,
      flags: RTNH_F_LINKDOWN,
      oif: 10,
    },
  ],
  [
    "a leg without carrier",
    "route-multipath-leg-linkdown",
    {
      ...ipv4,
      table: 104,
      protocol: RTPROT_STATIC,
      priority: 20,
      multipath: legs.map((leg, at) => (at === 0 ? { ...leg, flags: RTNH_F_LINKDOWN } : leg)),
    },
  ],
  [
    "an IPv6 gateway",
    "route6-gateway",
    { ...ipv6, table: 120, priority: 512, gateway: ip("fe80::1"), oif: 10 },
  ],
  [
    "an IPv6 lifetime and preference",
    "route6-expires-pref",
    {
      ...ipv6,
      table: 121,
      protocol: RTPROT_RA,
      gateway: ip("fe80::1"),
      oif: 10,
      // 1800 s in USER_HZ
      cacheinfo: { ...noCacheInfo, expires: 180_000 },
      pref: ICMPV6_ROUTER_PREF_HIGH,
    },
  ],
  [
    "IPv6 legs",
    "route6-multipath",
    {
      ...ipv6,
      table: 123,
      multipath: [
        { ...emptyLeg, ifindex: 10, gateway: ip("fe80::1") },
        { ...emptyLeg, hops: 1, ifindex: 12, gateway: ip("fe80::1") },
      ],
    },
  ],
  [
    "an unreachable IPv6 route, which leaves by lo",
    "route6-unreachable",
    { ...ipv6, table: 124, type: RTN_UNREACHABLE, priority: 4_278_198_272, oif: 1 },
  ],
  [
    "an IPv6 source prefix",
    "route6-from",
    {
      ...ipv6,
      table: 125,
      srcLength: 64,
      src: ip("2001:db8:3::"),
      gateway: ip("fe80::1"),
      oif: 10,
    },
  ],
  [
    "an IPv6 link without carrier",
    "route6-linkdown",
    {
      ...ipv6,
      table: 120,
      priority: 512,
      flags: RTNH_F_LINKDOWN,
      gateway: ip("fe80::1"),
      oif: 10,
    },
  ],
  [
    "the answer to a look-up",
    "route-lookup-answer",
    { ...ipv4, table: RT_TABLE_MAIN, gateway: ip("10.0.0.1"), oif: 10 },
  ],
  [
    "the answer to an IPv6 look-up",
    "route6-lookup-answer",
    { ...ipv6, table: RT_TABLE_MAIN, gateway: ip("fe80::1"), oif: 10 },
  ],
])("decodeRoute() reads %s", (_what, name, route) => {
  expect(decodeRoute(goldenMessage(name).body)).toEqual(route);
});

test("decodeRoute() keeps an encapsulation as it came", () => {
  const route = decodeRoute(goldenMessage("route-encap-ip").body);
  expect(route).toMatchObject({ encapType: LWTUNNEL_ENCAP_IP, gateway: ip("10.0.0.1") });
  // LWTUNNEL_IP_ID and LWTUNNEL_IP_DST come first (linux/lwtunnel.h).
  expect(route.encap?.value.subarray(0, 20)).toEqual(
    hex("0c000100 0000000000000007 08000200 0a000007"),
  );
});

test("decodeRoute() reads what replace and delete announce", () => {
  expect(goldenMessage("route-replaced").flags).toBe(NLM_F_REPLACE);
  const deleted = goldenMessage("route-deleted");
  expect(deleted.type).toBe(RTM_DELROUTE);
  expect(decodeRoute(deleted.body)).toEqual({
    ...ipv4,
    table: RT_TABLE_MAIN,
    gateway: ip("10.0.0.1"),
    oif: 10,
  });
});

test("decodeRoute() reads a dump's destinations", () => {
  const routes = [0, 1, 4].map((at) => decodeRoute(goldenMessage("route-dump-main", at).body));
  expect(routes.map(({ dst, dstLength }) => [dst, dstLength])).toEqual([
    [null, 0],
    [ip("10.0.0.0"), 24],
    [ip("192.0.2.0"), 24],
  ]);
});

test("decodeRoute() holds no view of the receive buffer", () => {
  const body = goldenMessage("route-multipath").body.slice();
  const route = decodeRoute(body);
  body.fill(0);
  expect(route.multipath).toEqual(legs);
});

test.each(goldenNames().filter((name) => /^route6?-/.test(name) && !name.includes("dump")))(
  "encodeRoute() loses nothing of %s",
  (name) => {
    const route = decodeRoute(goldenMessage(name).body);
    expect(decodeRoute(encodeRoute(route))).toEqual(route);
  },
);

test("encodeRoute() gives unknown attributes back byte for byte", () => {
  const unknown = [
    { type: 0x3ff, flags: 0x8000, value: hex("01020304 05") },
    { type: 14, flags: 0, value: hex("") },
  ];
  const legUnknown = [{ type: 0x200, flags: 0x4000, value: hex("0a0b0c") }];
  const route = { ...ipv4, multipath: [{ ...emptyLeg, unknown: legUnknown }], unknown };
  const bytes = encodeRoute(route);
  expect(bytes).toEqual(
    hex(`
      02000000 00030001 00000000
      1400 0900  1000 0000 00000000  0700 0042 0a0b0c 00
      0900 ff83 01020304 05 000000
      0400 0e00
    `),
  );
  expect(decodeRoute(bytes)).toEqual(route);
});
