import { expect, test } from "vitest";
import { flowOf } from "../../src/explain/flow.ts";
import { walkRules } from "../../src/explain/rule-walk.ts";
import type { Packet } from "../../src/network/packet.ts";
import type { CoveringRoute, RoutingRule } from "../../src/platform/route-inquiry.ts";
import { link, links, packet, route, rule, way } from "./routing-words.ts";

const lookup = (table: number): Pick<RoutingRule, "action"> => ({
  action: { kind: "lookup", table },
});

function walk(
  rules: readonly RoutingRule[],
  routes: readonly CoveringRoute[],
  asked: Packet,
  all = links(),
): { readonly outcome: unknown; readonly tried: readonly string[] } {
  const tables = new Map<number, CoveringRoute[]>();
  for (const one of routes) tables.set(one.table, [...(tables.get(one.table) ?? []), one]);
  const flow = flowOf(asked, all, "as-asked");
  const { decision, steps } = walkRules({ rules, tables, links: all }, flow);
  const tried = steps.flatMap((step) =>
    step.kind === "rule" ? [`${step.rule.preference} ${step.matches}`] : [],
  );
  const outcome =
    decision.kind === "route"
      ? `${decision.route.table} ${decision.route.prefix.text}`
      : decision.kind === "refused"
        ? decision.code
        : decision.kind;
  return { outcome, tried };
}

test("walkRules() goes on after a rule that does not match, and after a table without an answer", () => {
  const rules = [
    rule(10, { ...lookup(10), mark: { value: 1, mask: 0xffff_ffff } }),
    rule(20, lookup(20)),
    rule(30),
  ];
  const routes = [route("0.0.0.0/0", { table: 10 }), route("0.0.0.0/0")];
  expect(walk(rules, routes, packet("192.0.2.1"))).toEqual({
    outcome: "254 0.0.0.0/0",
    tried: ["10 false", "20 true", "30 true"],
  });
  expect(walk(rules, routes, packet("192.0.2.1", { mark: 1 })).outcome).toBe("10 0.0.0.0/0");
  expect(walk(rules, [], packet("192.0.2.1")).outcome).toBe("ENETUNREACH");
});

test("walkRules() jumps forward by goto, and passes a jump without a target over", () => {
  const rules = [
    rule(10, { action: { kind: "goto", target: 30, resolved: true } }),
    rule(20, { action: { kind: "refuse", type: "prohibit" } }),
    rule(30),
  ];
  const routes = [route("0.0.0.0/0")];
  expect(walk(rules, routes, packet("192.0.2.1"))).toEqual({
    outcome: "254 0.0.0.0/0",
    tried: ["10 true", "30 true"],
  });
  const dangling = rule(10, { action: { kind: "goto", target: 25, resolved: false } });
  expect(walk([dangling, ...rules.slice(1)], routes, packet("192.0.2.1")).outcome).toBe("EACCES");
});

test("walkRules() does not accept what a rule suppresses", () => {
  const suppressing = rule(10, { suppressPrefixLength: 0 });
  const routes = [route("0.0.0.0/0"), route("0.0.0.0/0", { table: 20, ways: [way(3)] })];
  const rules = [suppressing, rule(20, lookup(20))];
  expect(walk(rules, routes, packet("192.0.2.1")).outcome).toBe("20 0.0.0.0/0");
  const near = [...routes, route("192.0.2.0/24")];
  expect(walk(rules, near, packet("192.0.2.1")).outcome).toBe("254 192.0.2.0/24");
  const all = links(link(2, { group: 7 }));
  const byGroup = [rule(10, { suppressGroup: 7 }), rule(20, lookup(20))];
  expect(walk(byGroup, routes, packet("192.0.2.1"), all).outcome).toBe("20 0.0.0.0/0");
});

test.each([
  ["unreachable", "ENETUNREACH"],
  ["blackhole", "EINVAL"],
  ["prohibit", "EACCES"],
] as const)("walkRules() ends at a rule that says %s", (type, code) => {
  const rules = [rule(10, { action: { kind: "refuse", type } }), rule(20)];
  expect(walk(rules, [route("0.0.0.0/0")], packet("192.0.2.1")).outcome).toBe(code);
});

test("walkRules() looks into the table of the VRF that the packet belongs to", () => {
  const all = links(
    link(2, { vrf: { index: 9, table: 1009 } }),
    link(9, { name: "red", vrf: { index: 9, table: 1009 } }),
  );
  const rules = [rule(1000, { action: { kind: "lookup-vrf" } }), rule(2000)];
  const routes = [route("0.0.0.0/0", { table: 1009 }), route("0.0.0.0/0", { ways: [way(3)] })];
  const asked = (changes: Partial<Packet>): unknown =>
    walk(rules, routes, packet("192.0.2.1", changes), all).outcome;
  expect(asked({})).toBe("254 0.0.0.0/0");
  expect(asked({ boundTo: 2 })).toBe("1009 0.0.0.0/0");
  // Bound to the VRF itself, the packet may leave by any interface of it.
  expect(asked({ boundTo: 9 })).toBe("1009 0.0.0.0/0");
  expect(asked({ arrivesOn: 2, source: "198.51.100.1" })).toBe("1009 0.0.0.0/0");
  const named = rule(10, { ...lookup(1009), boundTo: { name: "red", index: 9 } });
  expect(walk([named], routes, packet("192.0.2.1", { boundTo: 2 }), all).outcome).toBe(
    "1009 0.0.0.0/0",
  );
});
