import { expect, test } from "vitest";
import { interfacePolicy } from "../../src/monitor/interface-policy.ts";

test("interfacePolicy() gives the first kind that matches, else the platform's", () => {
  const policy = interfacePolicy([], { "ppp*": "tunnel", "p*": "bridge" });
  expect(policy.kindOf({ name: "ppp0", kind: "virtual" })).toBe("tunnel");
  expect(policy.kindOf({ name: "p2p1", kind: "physical" })).toBe("bridge");
  expect(policy.kindOf({ name: "eth0", kind: "physical" })).toBe("physical");
});

test("interfacePolicy() takes a name for churn when any glob matches", () => {
  const policy = interfacePolicy(["veth*", "br-*"], {});
  expect(["veth0", "br-1", "br0", "eth0"].map(policy.isChurn)).toEqual([true, true, false, false]);
});
