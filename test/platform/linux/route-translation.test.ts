import { describe, expect, test } from "vitest";
import { joinAnswers, placeRoutes } from "../../../src/platform/linux/route-places.ts";
import { translateRoute } from "../../../src/platform/linux/route-translation.ts";
import { DecodeError } from "../../../src/wire/decode-error.ts";
import { emptyRoute, type RouteMessage } from "../../../src/wire/netlink/route.ts";
import { emptyLeg } from "../../../src/wire/netlink/route-leg.ts";

const nowMs = 1_700_000_000_000;
const plain: RouteMessage = {
  ...emptyRoute,
  family: 2,
  table: 254,
  type: 1,
  protocol: 16,
  oif: 3,
  gateway: Uint8Array.of(10, 0, 0, 1),
  priority: 100,
};
const noObjects = (): never => {
  throw new Error("no nexthop object was to be asked for");
};
const translate = (more: Partial<RouteMessage>) =>
  translateRoute({ ...plain, ...more }, noObjects, nowMs);

describe("translateRoute()", () => {
  test("a plain default", () => {
    expect(translate({})).toEqual({
      family: "ipv4",
      prefix: "0.0.0.0/0",
      type: "unicast",
      gateway: "10.0.0.1",
      interfaceIndex: 3,
      metric: 100,
      tos: 0,
      table: 254,
      position: 0,
      protocol: "dhcp",
      source: null,
      onlink: false,
      mtu: null,
      pref: null,
      expiresAt: null,
      linkdown: false,
      nexthopId: null,
      nexthops: [],
    });
  });

  test.each<[string, Partial<RouteMessage>, object]>([
    ["flags", { flags: 0x4 | 0x10 }, { onlink: true, linkdown: true }],
    ["a dead leg", { flags: 0x1 }, { linkdown: true }],
    ["a protocol without a name", { protocol: 199 }, { protocol: "199" }],
    [
      "a metric of the link",
      { metrics: { values: new Map([[2, 1280]]), unknown: [] } },
      { mtu: 1280 },
    ],
    ["a source", { prefsrc: Uint8Array.of(10, 0, 0, 2) }, { source: "10.0.0.2" }],
    [
      "a gateway of another family",
      {
        gateway: null,
        via: { family: 10, address: Uint8Array.of(0xfe, 0x80, ...new Uint8Array(13), 1) },
      },
      { gateway: "fe80::1" },
    ],
    [
      "half of a split",
      { dst: Uint8Array.of(128, 0, 0, 0), dstLength: 1 },
      { prefix: "128.0.0.0/1" },
    ],
    [
      "a type that delivers nothing",
      { type: 7, oif: 1 },
      { type: "unreachable", interfaceIndex: null, gateway: null },
    ],
    ["no priority", { priority: null }, { metric: 0 }],
    ["IPv6 preference", { family: 10, gateway: null, pref: 3 }, { prefix: "::/0", pref: "low" }],
    ["IPv6 preference of every day", { family: 10, gateway: null, pref: 0 }, { pref: "medium" }],
  ])("%s", (_what, more, expected) => {
    expect(translate(more)).toMatchObject(expected);
  });

  test.each([
    [3_000, nowMs + 30_000],
    [-500, nowMs - 5_000],
    [0, null],
  ])("expires %i hundredths of a second from now", (expires, expiresAt) => {
    const cacheinfo = {
      clntref: 0,
      lastuse: 0,
      expires,
      error: 0,
      used: 0,
      id: 0,
      ts: 0,
      tsage: 0,
    };
    expect(translate({ cacheinfo }).expiresAt).toBe(expiresAt);
  });

  test("multipath: legs with weight and flags, and linkdown only when all are", () => {
    const legs = [
      { ...emptyLeg, ifindex: 3, gateway: Uint8Array.of(10, 0, 0, 1), hops: 4, flags: 0x10 },
      { ...emptyLeg, ifindex: 4, flags: 0x4 },
    ];
    const route = translate({ multipath: legs, oif: null, gateway: null });
    expect(route).toMatchObject({ gateway: null, interfaceIndex: null, linkdown: false });
    expect(route.nexthops).toEqual([
      { gateway: "10.0.0.1", interfaceIndex: 3, weight: 5, onlink: false, linkdown: true },
      { gateway: null, interfaceIndex: 4, weight: 1, onlink: true, linkdown: false },
    ]);
    const dead = legs.map((leg) => ({ ...leg, flags: 0x10 }));
    expect(translate({ multipath: dead }).linkdown).toBe(true);
  });

  test("a route that has nothing but the id of a nexthop object gets its legs", () => {
    const leg = {
      gateway: "10.0.0.9",
      interfaceIndex: 9,
      weight: 1,
      onlink: false,
      linkdown: false,
    };
    const message = { ...plain, oif: null, gateway: null, nhId: 42 };
    expect(translateRoute(message, (id) => (id === 42 ? [leg] : []), nowMs)).toMatchObject({
      nexthopId: 42,
      gateway: "10.0.0.9",
      interfaceIndex: 9,
      nexthops: [],
    });
    expect(translateRoute(message, () => [leg, leg], nowMs)).toMatchObject({
      gateway: null,
      interfaceIndex: null,
      nexthops: [leg, leg],
    });
    expect(translateRoute({ ...plain, nhId: 42 }, noObjects, nowMs).nexthopId).toBe(42);
  });

  test("an address of no family is a DecodeError", () => {
    expect(() => translate({ gateway: Uint8Array.of(1, 2, 3) })).toThrow(DecodeError);
  });
});

describe("placeRoutes()", () => {
  test("counts routes of equal prefix, table, tos and metric in their order", () => {
    const routes = [
      translate({}),
      translate({ priority: 50 }),
      translate({ oif: 4 }),
      translate({ table: 1000 }),
      translate({ tos: 8 }),
      translate({ oif: 5 }),
    ];
    expect(placeRoutes(routes).map((route) => route.position)).toEqual([0, 0, 1, 0, 0, 2]);
  });
});

describe("joinAnswers()", () => {
  const routes = placeRoutes([translate({}), translate({ oif: 4 })]);
  const [first, second] = routes;

  test("an answer that is a route is that route", () => {
    const { defaults, added } = joinAnswers(routes, [translate({ oif: 4 }), translate({})], 7);
    expect(defaults.answers[0]).toBe(second);
    expect(defaults.answers[1]).toBe(first);
    expect(defaults.routes).toEqual(routes);
    expect(added).toEqual([]);
  });

  test("an answer whose legs stand in another order is the same route", () => {
    const legs = [3, 4].map((ifindex) => ({ ...emptyLeg, ifindex }));
    const [inTable] = placeRoutes([translate({ multipath: legs })]);
    if (inTable === undefined) throw new Error("no route");
    const turned = translate({ multipath: legs.toReversed() });
    expect(joinAnswers([inTable], [turned], 7).defaults.answers[0]).toBe(inTable);
  });

  test("half of a split joins the routes, a longer answer does not, nothing stays nothing", () => {
    const half = translate({ dst: Uint8Array.of(128, 0, 0, 0), dstLength: 1 });
    const long = translate({ dst: Uint8Array.of(1, 0, 0, 0), dstLength: 8 });
    const split = joinAnswers(routes, [half, half], 7);
    expect(split.defaults.routes).toEqual([...routes, half]);
    expect(split.added).toEqual([half]);
    const other = joinAnswers(routes, [long, null], 7);
    expect(other.defaults).toEqual({ routes, answers: [long, null] });
    expect(other.added).toEqual([]);
  });
});
