import { expect, test } from "vitest";
import { explanationSchema } from "../../src/admin-api/explanation-schema.ts";
import { explainPacket } from "../../src/explain/explain.ts";
import type { CoveringRoute, KernelAnswer, RuleInquiry } from "../../src/platform/route-inquiry.ts";
import { links, packet, route, rule, way } from "./routing-words.ts";

const { signal } = new AbortController();

/** A kernel that has one rule and these routes, and answers one thing after the other, the last for ever. */
function inquiryOf(
  routes: readonly CoveringRoute[],
  ...answers: readonly KernelAnswer[]
): RuleInquiry {
  let asked = 0;
  return {
    kind: "rules",
    readLinks: async () => links(),
    readRules: async () => [rule(32_766)],
    readCovering: async () => routes,
    ask: () => {
      asked += 1;
      const answer = answers[Math.min(asked, answers.length) - 1];
      if (answer === undefined) throw new Error("no answer");
      return answer;
    },
    readReversePathFilter: () => null,
    readForwarding: () => null,
    [Symbol.asyncDispose]: async () => undefined,
  };
}

const byThree: KernelAnswer = {
  kind: "route",
  type: "unicast",
  interfaceIndex: 3,
  gateway: "10.0.3.1",
  source: null,
  table: 99,
  entry: route("0.0.0.0/0", { table: 99, ways: [way(3, "10.0.3.1")] }),
};
const byTwo: KernelAnswer = {
  ...byThree,
  interfaceIndex: 2,
  gateway: null,
  table: 254,
  entry: route("0.0.0.0/0"),
};

test("explainPacket() takes the kernel's answer for the verdict, and says that the rules say otherwise", async () => {
  const inquiry = inquiryOf([route("0.0.0.0/0")], byThree);
  const found = await explainPacket(inquiry, packet("192.0.2.1"), null, links(), signal);
  expect(explanationSchema.parse(found)).toEqual(found);
  expect(found.verdict).toMatchObject({ interface: "eth3", gateway: "10.0.3.1", table: 99 });
  expect(found.expected).toMatchObject({ interface: "eth2", gateway: null, table: 254 });
  expect(found.warnings.map(({ code, gravity }) => [code, gravity])).toEqual([
    ["kernel-differs", "warn"],
  ]);
});

test("explainPacket() reads once more what has changed in between", async () => {
  const inquiry = inquiryOf([route("0.0.0.0/0")], byThree, byTwo);
  const found = await explainPacket(inquiry, packet("192.0.2.1"), null, links(), signal);
  expect(found.verdict).toMatchObject({ interface: "eth2", table: 254 });
  expect([found.expected, found.warnings]).toEqual([null, []]);
});

test("explainPacket() tells why a packet is refused, and only when the kernel refuses it for that", async () => {
  const refusing = route("192.0.2.0/24", { type: "prohibit", ways: [] });
  const refused: KernelAnswer = { kind: "refused", code: "EACCES", message: "permission denied" };
  const asked = packet("192.0.2.1");
  const found = await explainPacket(inquiryOf([refusing], refused), asked, null, links(), signal);
  expect(found.verdict).toMatchObject({
    outcome: "refused",
    interface: null,
    error: { code: "EACCES", why: "192.0.2.0/24 in table main says prohibit" },
  });
  const other: KernelAnswer = { ...refused, code: "EINVAL" };
  const odd = await explainPacket(inquiryOf([refusing], other), asked, null, links(), signal);
  expect(odd.verdict.error).toMatchObject({ code: "EINVAL", why: null });
  expect(odd.expected?.error?.code).toBe("EACCES");
});
