import { expect, test } from "vitest";
import type { Obstacle } from "../../src/platform/route-control.ts";
import { degradations } from "../../src/routes/scoped-view.ts";
import { link } from "./memory-host.ts";

const eth0 = link(2, "eth0", ["10.0.0.2/24"]);
const wlan0 = link(3, "wlan0", ["10.1.0.2/24"]);
const rule = {
  kind: "shadowed",
  family: "ipv4",
  preference: 90,
  by: "90: from all oif eth0 unreachable",
  remedy: "move that rule",
} as const;

const of = (subject: typeof eth0, ...obstacles: readonly Obstacle[]): readonly string[] =>
  degradations(subject, "ipv4", false, false, obstacles);

const told = "shadowed: rule 90: from all oif eth0 unreachable decides first; move that rule";

test("degradations() tells of a rule before ours to each uplink whose sockets it decides for", () => {
  expect([of(eth0, rule), of(wlan0, rule)]).toEqual([[told], [told]]);
  const byName = { ...rule, oif: "eth0" };
  expect([of(eth0, byName), of(wlan0, byName)]).toEqual([[told], []]);
  const byTable = { ...rule, over: [2] };
  expect([of(eth0, byTable), of(wlan0, byTable)]).toEqual([[told], []]);
  expect(of(eth0, { ...rule, over: [3] })).toEqual([]);
});

test("degradations() calls what is no rule by its own name", () => {
  const route = { ...rule, by: "the blackhole route to 0.0.0.0/0" };
  expect(of(eth0, route)).toEqual([
    "shadowed: the blackhole route to 0.0.0.0/0 decides first; move that rule",
  ]);
});

test("degradations() is of one family, and of one interface's filter", () => {
  expect(of(eth0, { ...rule, family: "ipv6" })).toEqual([]);
  const strict = { kind: "rp-filter-strict", interfaceIndex: 2 } as const;
  expect(of(eth0, strict)).toEqual([expect.stringMatching(/^rp-filter-strict: .*eth0/)]);
  expect(of(wlan0, strict)).toEqual([]);
  expect(degradations(eth0, "ipv4", true, false, [strict])).toEqual([]);
});
