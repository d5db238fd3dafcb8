import { expect, test } from "vitest";
import type { TableLookUp } from "../../src/explain/decision.ts";
import { flowOf } from "../../src/explain/flow.ts";
import { lookUpIpv4 } from "../../src/explain/ipv4-table.ts";
import { lookUpIpv6 } from "../../src/explain/ipv6-table.ts";
import type { Packet } from "../../src/network/packet.ts";
import type { CoveringRoute } from "../../src/platform/route-inquiry.ts";
import { links, packet, prefix, route, way } from "./routing-words.ts";

function lookUp(asked: Packet, ...routes: readonly CoveringRoute[]): TableLookUp {
  const flow = flowOf(asked, links(), "as-asked");
  const find = asked.family === "ipv4" ? lookUpIpv4 : lookUpIpv6;
  return find(254, routes, flow, links());
}

/** What was chosen, by its metric, which tells the routes of a test apart; else how it ended. */
function chosen(asked: Packet, ...routes: readonly CoveringRoute[]): unknown {
  const { result } = lookUp(asked, ...routes);
  if (result.kind === "route") return result.route.metric;
  return result.kind === "refused" ? result.code : result.kind;
}

const outside = packet("192.0.2.9");
const outside6 = packet("2001:db8::1");

test("lookUpIpv4() takes the longest prefix, and of equal ones the first", () => {
  const all = [
    route("0.0.0.0/0", { metric: 1 }),
    route("192.0.2.0/24", { metric: 2 }),
    route("192.0.2.0/24", { metric: 3 }),
  ];
  expect(chosen(outside, ...all)).toBe(2);
  const { steps } = lookUp(outside, ...all);
  expect(steps.map(({ why }) => why)).toEqual([
    "chosen",
    "its metric is higher",
    "its prefix is shorter",
  ]);
});

test("lookUpIpv4() passes over what is for another TOS, dead, or leaves by another interface", () => {
  const bound = { ...outside, boundTo: 3 };
  const all = [
    route("192.0.2.0/24", { metric: 1, tos: 0x10 }),
    route("192.0.2.0/24", { metric: 2, ways: [{ ...way(3), dead: true }] }),
    route("192.0.2.0/24", { metric: 3 }),
    route("0.0.0.0/0", { metric: 4, ways: [way(2), way(3)] }),
  ];
  expect(chosen(bound, ...all)).toBe(4);
  expect(chosen({ ...bound, boundTo: null }, ...all)).toBe(3);
  expect(chosen({ ...outside, tos: 0x10 }, ...all)).toBe(1);
});

test("lookUpIpv4() ends at a route that refuses, whatever the packet is bound to, and at throw", () => {
  const fallback = route("0.0.0.0/0", { metric: 9, ways: [way(3)] });
  const refusing = route("192.0.2.0/24", { type: "unreachable", ways: [] });
  expect(chosen({ ...outside, boundTo: 3 }, refusing, fallback)).toBe("EHOSTUNREACH");
  const sending = route("192.0.2.0/24", { type: "throw", ways: [] });
  expect(chosen(outside, sending, fallback)).toBe("nothing");
});

test("lookUpIpv4() knows that a nexthop object in vain hides the prefixes that begin alike", () => {
  const bound = { ...outside, boundTo: 3 };
  const object = route("192.0.2.0/25", { nexthopId: 5 });
  const hidden = route("192.0.2.0/24", { metric: 1, ways: [way(3)] });
  const other = route("192.0.0.0/16", { metric: 2, ways: [way(3)] });
  expect(chosen(bound, object, hidden, other)).toBe(2);
  expect(chosen(bound, { ...object, nexthopId: null }, hidden, other)).toBe(1);
});

test("lookUpIpv6() weighs the router preference within the lowest metric", () => {
  const low = route("::/0", { metric: 1024, pref: "low" });
  const high = route("::/0", { metric: 1025, pref: "high" });
  expect(chosen(outside6, low, high)).toBe(1024);
  const equal = route("::/0", { metric: 1024, pref: "high", ways: [way(3)] });
  expect(lookUp(outside6, low, equal).result).toMatchObject({ route: { pref: "high" } });
  // Once the lowest metric has nothing that fits, all others are one row.
  const dead = route("::/0", { metric: 1, ways: [{ ...way(2), dead: true }] });
  expect(chosen(outside6, dead, low, high)).toBe(1025);
});

test("lookUpIpv6() passes over what has expired", () => {
  const expired = route("::/0", { metric: 1, expired: true });
  expect(chosen(outside6, expired, route("::/0", { metric: 2 }))).toBe(2);
  expect(chosen(outside6, expired)).toBe("nothing");
});

test("lookUpIpv6() goes by the source, and knows what routes for other sources hide", () => {
  const from = route("2001:db8::/48", { metric: 1, sourcePrefix: prefix("fd00::/64") });
  const plain = route("2001:db8::/48", { metric: 2 });
  const wide = route("2001:db8::/32", { metric: 3 });
  expect(chosen({ ...outside6, source: "fd00::5" }, from, plain, wide)).toBe(1);
  expect(chosen({ ...outside6, source: "fd01::5" }, from, plain, wide)).toBe(3);
  expect(chosen({ ...outside6, source: "fd01::5" }, plain, wide)).toBe(2);
  // ::/0 is the root of the tree, where the search ends in any case.
  const ofSome = route("::/0", { metric: 4, sourcePrefix: prefix("fd00::/64") });
  expect(chosen({ ...outside6, source: "fd01::5" }, ofSome, route("::/0", { metric: 5 }))).toBe(5);
});

test("lookUpIpv6() lets a bound packet pass a route that refuses, which stands on the loopback", () => {
  const refusing = route("2001:db8::/32", { type: "unreachable", ways: [] });
  const fallback = route("::/0", { metric: 9, ways: [way(3)] });
  expect(chosen(outside6, refusing, fallback)).toBe("EHOSTUNREACH");
  expect(chosen({ ...outside6, boundTo: 3 }, refusing, fallback)).toBe(9);
});
