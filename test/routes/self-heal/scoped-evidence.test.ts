import { describe, expect, test } from "vitest";
import type { RouteEvidence } from "../../../src/platform/route-evidence.ts";
import {
  scopedEvidenceOf,
  scopedEvidenceOfRule,
} from "../../../src/routes/self-heal/scoped-evidence.ts";
import { memoryDefault } from "../../platform/memory/memory-host.ts";

const places = { tableBase: 5100 };
const requester = { portId: 51, pid: 51, command: "ip" };

function of(
  action: RouteEvidence["action"],
  more: { readonly table?: number; readonly protocol?: string } = {},
): ReturnType<typeof scopedEvidenceOf> {
  const route = memoryDefault("10.0.0.1", 2, { table: 5103, protocol: "199", ...more });
  return scopedEvidenceOf({ at: 7, action, route, requester }, places, "199");
}

describe("scopedEvidenceOf()", () => {
  test("knows a removal of our route by its table", () => {
    expect(of("removed")).toEqual({
      at: 7,
      part: "route",
      family: "ipv4",
      slot: 3,
      interfaceIndex: 2,
      replacedBy: null,
      requester,
    });
  });

  test("knows what took its place", () => {
    expect(of("replaced", { protocol: "bird" })).toMatchObject({ slot: 3, replacedBy: "bird" });
  });

  test.each([
    ["what is added", of("added")],
    ["the main table", of("removed", { table: 254 })],
    ["the table before ours", of("removed", { table: 5099 })],
    ["the table behind ours", of("removed", { table: 5150 })],
    ["a route that is not ours", of("removed", { protocol: "static" })],
  ])("says nothing of %s", (_name, evidence) => {
    expect(evidence).toBeNull();
  });
});

describe("scopedEvidenceOfRule()", () => {
  const ofRule = (preference: number): ReturnType<typeof scopedEvidenceOfRule> =>
    scopedEvidenceOfRule(
      { at: 7, family: "ipv6", preference, requester },
      { preferenceBase: 5100 },
    );

  test("knows the slot by the preference, two of which are one slot's", () => {
    expect([5100, 5101, 5102, 5199].map((preference) => ofRule(preference)?.slot)).toEqual([
      0, 0, 1, 49,
    ]);
    expect(ofRule(5103)).toEqual({
      at: 7,
      part: "rule",
      family: "ipv6",
      slot: 1,
      interfaceIndex: null,
      replacedBy: null,
      requester,
    });
  });

  test("says nothing of preferences that are not ours", () => {
    expect([0, 5099, 5200].map(ofRule)).toEqual([null, null, null]);
  });
});
