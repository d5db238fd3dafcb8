import { describe, expect, test, vi } from "vitest";
import { openRuleWitness } from "../../../src/platform/linux/rule-witness.ts";
import type { RuleRemoval } from "../../../src/platform/route-evidence.ts";
import {
  AF_INET6,
  RTM_DELROUTE,
  RTM_DELRULE,
  RTM_NEWRULE,
} from "../../../src/wire/netlink/message-constants.ts";
import { emptyRule, encodeRule } from "../../../src/wire/netlink/rule.ts";

const rule = { ...emptyRule, family: AF_INET6, priority: 5103, protocol: 199, oifname: "up0" };
const owner = { portId: 7, pid: 7, command: "ip" };

function openWitness() {
  const ownerOf = vi.fn(() => owner);
  const witness = openRuleWitness(199, ownerOf);
  const hear = (type: number, body = encodeRule(rule)): void =>
    witness.hear(type, 7, body, 0, body.length);
  return { witness, hear, ownerOf };
}

describe("openRuleWitness()", () => {
  test("looks at nothing while nobody listens", () => {
    const { witness, hear, ownerOf } = openWitness();
    hear(RTM_DELRULE);
    // Not even at a body that nobody could decode.
    hear(RTM_DELRULE, new Uint8Array(2));
    witness.listen(() => {})[Symbol.dispose]();
    hear(RTM_DELRULE);
    expect(ownerOf).not.toHaveBeenCalled();
  });

  test("tells each listener, as often as it listens, which rule went and who asked", () => {
    const { witness, hear } = openWitness();
    const heard: RuleRemoval[] = [];
    const listener = (removal: RuleRemoval): void => void heard.push(removal);
    using _one = witness.listen(listener);
    const other = witness.listen(listener);
    hear(RTM_DELRULE);
    other[Symbol.dispose]();
    hear(RTM_DELRULE, encodeRule({ ...rule, priority: null }));
    expect(heard.map(({ preference }) => preference)).toEqual([5103, 5103, 0]);
    expect(heard[0]).toMatchObject({ family: "ipv6", requester: owner });
  });

  test("passes over other messages, rules of others and other families", () => {
    const { witness, hear, ownerOf } = openWitness();
    const listener = vi.fn();
    using _ = witness.listen(listener);
    hear(RTM_NEWRULE);
    hear(RTM_DELROUTE);
    hear(RTM_DELRULE, encodeRule({ ...rule, protocol: 4 }));
    hear(RTM_DELRULE, encodeRule({ ...rule, protocol: null }));
    hear(RTM_DELRULE, encodeRule({ ...rule, family: 28 }));
    expect(ownerOf).not.toHaveBeenCalled();
    expect(listener).not.toHaveBeenCalled();
  });
});
