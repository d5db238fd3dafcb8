import { describe, expect, test } from "vitest";
import { routeIdentity, scrubbedRoute } from "../../../src/platform/linux/route-identity.ts";
import { AF_INET, AF_INET6 } from "../../../src/wire/netlink/message-constants.ts";
import { emptyRoute, type RouteMessage } from "../../../src/wire/netlink/route.ts";
import * as rta from "../../../src/wire/netlink/route-constants.ts";
import { emptyLeg, type RouteLeg } from "../../../src/wire/netlink/route-leg.ts";

const ipv4: RouteMessage = {
  ...emptyRoute,
  family: AF_INET,
  type: rta.RTN_UNICAST,
  protocol: rta.RTPROT_STATIC,
  table: rta.RT_TABLE_MAIN,
  oif: 2,
  gateway: Uint8Array.of(10, 0, 0, 1),
};
const ipv6: RouteMessage = {
  ...ipv4,
  family: AF_INET6,
  gateway: Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
};
const leg = (ifindex: number, flags = 0): RouteLeg => ({ ...emptyLeg, ifindex, flags });
const offloaded = 0x08;
const lifetime = {
  clntref: 0,
  lastuse: 3,
  expires: 600,
  error: 0,
  used: 0,
  id: 0,
  ts: 0,
  tsage: 0,
};

describe("routeIdentity()", () => {
  const pairs: readonly [string, RouteMessage, Partial<RouteMessage>][] = [
    ["link state and offload", ipv4, { flags: rta.RTNH_F_LINKDOWN | rta.RTNH_F_DEAD | offloaded }],
    ["a lifetime", ipv6, { cacheinfo: lifetime, expires: 6 }],
    ["a metric of 0 in IPv4", ipv4, { priority: 0 }],
    ["IPv6's own metric", ipv6, { priority: 1024 }],
    ["medium preference", ipv6, { pref: rta.ICMPV6_ROUTER_PREF_MEDIUM }],
    ["a destination of zeros", ipv4, { dst: new Uint8Array(4) }],
    ["metrics without a metric", ipv4, { metrics: { values: new Map(), unknown: [] } }],
    [
      "the state of a leg",
      { ...ipv4, multipath: [leg(2), leg(3)] },
      { multipath: [leg(2), leg(3, 0x11)] },
    ],
    [
      "the order of IPv6's legs",
      { ...ipv6, multipath: [leg(2), leg(3)] },
      { multipath: [leg(3), leg(2)] },
    ],
    ["the legs of a nexthop object", { ...ipv4, nhId: 5 }, { oif: 7, gateway: null }],
    ["the device of a route that refuses", { ...ipv6, type: rta.RTN_UNREACHABLE }, { oif: 1 }],
  ];
  test.each(pairs)("does not count %s", (_, route, change) => {
    expect(routeIdentity({ ...route, ...change })).toBe(routeIdentity(route));
  });

  const differences: readonly [string, RouteMessage, Partial<RouteMessage>][] = [
    ["the gateway", ipv4, { gateway: Uint8Array.of(10, 0, 0, 9) }],
    ["the device", ipv4, { oif: 3 }],
    ["the metric", ipv4, { priority: 5 }],
    ["the protocol", ipv4, { protocol: rta.RTPROT_DHCP }],
    ["the table", ipv4, { table: 5100 }],
    ["tos", ipv4, { tos: 16 }],
    ["the type", ipv4, { type: rta.RTN_THROW }],
    ["onlink", ipv4, { flags: rta.RTNH_F_ONLINK }],
    ["the source", ipv4, { prefsrc: Uint8Array.of(10, 0, 0, 2) }],
    ["the length of the prefix", ipv4, { dstLength: 1 }],
    [
      "the order of IPv4's legs",
      { ...ipv4, multipath: [leg(2), leg(3)] },
      { multipath: [leg(3), leg(2)] },
    ],
    ["the object's id", { ...ipv4, nhId: 5 }, { nhId: 6 }],
    ["high preference", ipv6, { pref: rta.ICMPV6_ROUTER_PREF_HIGH }],
    [
      "an attribute that we do not know",
      ipv4,
      { unknown: [{ type: 77, flags: 0, value: Uint8Array.of(1) }] },
    ],
  ];
  test.each(differences)("counts %s", (_, route, change) => {
    expect(routeIdentity({ ...route, ...change })).not.toBe(routeIdentity(route));
  });
});

test("scrubbedRoute() keeps the wish, onlink, and everything that it does not know", () => {
  const unknown = [{ type: 77, flags: 0, value: Uint8Array.of(1) }];
  const flags = rta.RTNH_F_ONLINK | rta.RTNH_F_LINKDOWN | rta.RTNH_F_DEAD | offloaded;
  expect(scrubbedRoute({ ...ipv4, flags, unknown, cacheinfo: lifetime })).toEqual({
    ...ipv4,
    flags: rta.RTNH_F_ONLINK,
    unknown,
  });
});
