import { describe, expect, test } from "vitest";
import { ruleOwner, ruleText } from "../../../src/platform/linux/rule-words.ts";
import { decodeRule, emptyRule } from "../../../src/wire/netlink/rule.ts";
import {
  FIB_RULE_INVERT,
  FR_ACT_GOTO,
  FR_ACT_TO_TBL,
} from "../../../src/wire/netlink/rule-constants.ts";

describe("ruleText()", () => {
  const lookup = { ...emptyRule, action: FR_ACT_TO_TBL };

  test.each([
    ["0: from all lookup local", { ...lookup, table: 255, priority: null }],
    ["5270: from all lookup 52 proto 7", { ...lookup, table: 52, priority: 5270, protocol: 7 }],
    [
      "105: not from all fwmark 0x1bd00/0xff00 lookup main suppress_prefixlength 0",
      {
        ...lookup,
        table: 254,
        priority: 105,
        flags: FIB_RULE_INVERT,
        fwmark: 0x1bd00,
        fwmask: 0xff00,
        suppressPrefixlen: 0,
      },
    ],
    [
      "7: from 10.0.0.0/8 to 192.0.2.1/32 iif lo oif up0 goto 9",
      {
        ...emptyRule,
        action: FR_ACT_GOTO,
        goto: 9,
        priority: 7,
        src: Uint8Array.of(10, 0, 0, 0),
        srcLength: 8,
        dst: Uint8Array.of(192, 0, 2, 1),
        dstLength: 32,
        iifname: "lo",
        oifname: "up0",
      },
    ],
    ["1000: from all lookup [l3mdev-table]", { ...lookup, l3mdev: 1, priority: 1000 }],
  ])("%s", (text, rule) => {
    expect(ruleText(rule)).toBe(text);
  });

  test("has a word for a rule with nothing in it", () => {
    expect(ruleText(decodeRule(new Uint8Array(12)))).toBe("0: from all action 0");
  });
});

test.each([
  [105, "NetBird"],
  [110, "NetBird"],
  [1000, "a VRF (l3mdev)"],
  [2001, "mwan3"],
  [5210, "Tailscale"],
  [5270, "Tailscale"],
  [9001, "sing-tun"],
  [32764, "wg-quick"],
  [32766, null],
  [5100, null],
  [0, null],
])("ruleOwner() of %i is %s", (preference, owner) => {
  expect(ruleOwner(preference)).toBe(owner);
});
