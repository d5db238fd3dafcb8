import { expect, test } from "vitest";
import { AF_INET, AF_INET6 } from "../../../src/wire/netlink/message-constants.ts";
import {
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTPROT_KERNEL,
} from "../../../src/wire/netlink/route-constants.ts";
import { decodeRule, emptyRule, encodeRule } from "../../../src/wire/netlink/rule.ts";
import {
  FIB_RULE_IIF_DETACHED,
  FIB_RULE_INVERT,
  FIB_RULE_OIF_DETACHED,
  FIB_RULE_UNRESOLVED,
  FR_ACT_GOTO,
  FR_ACT_TO_TBL,
  FR_ACT_UNREACHABLE,
} from "../../../src/wire/netlink/rule-constants.ts";
import { goldenMessage, goldenNames, hex, ip } from "./golden.ts";

const ipv4 = { ...emptyRule, family: AF_INET, action: FR_ACT_TO_TBL, protocol: 0 };
const ipv6 = { ...ipv4, family: AF_INET6 };

test.each([
  [
    "a suppressing rule",
    "rule-suppress",
    {
      ...ipv4,
      table: RT_TABLE_MAIN,
      priority: 5101,
      oifname: "eth0",
      suppressPrefixlen: 0,
      protocol: 199,
    },
  ],
  [
    "an interface and a table above 255",
    "rule-oif",
    { ...ipv4, table: 5100, priority: 5103, oifname: "eth0", protocol: 199 },
  ],
  [
    "a detached output interface",
    "rule-oif-detached",
    { ...ipv4, table: 5100, priority: 5104, oifname: "gone0", flags: FIB_RULE_OIF_DETACHED },
  ],
  [
    "a detached input interface",
    "rule-iif-detached",
    { ...ipv6, table: 5100, priority: 5105, iifname: "gone0", flags: FIB_RULE_IIF_DETACHED },
  ],
  [
    "a mark and its mask",
    "rule-fwmark-mask",
    { ...ipv4, table: 100, priority: 5106, fwmark: 0x51, fwmask: 0xff },
  ],
  [
    "a source prefix and tos",
    "rule-from",
    { ...ipv4, table: 100, priority: 5108, srcLength: 24, src: ip("10.0.0.0"), tos: 0x10 },
  ],
  [
    "users, protocol and ports, keeping the port mask that is unknown",
    "rule-uidrange-ports",
    {
      ...ipv4,
      table: 100,
      priority: 5110,
      uidRange: { start: 1000, end: 1999 },
      ipProto: 6,
      sportRange: { start: 1000, end: 2000 },
      dportRange: { start: 443, end: 443 },
      unknown: [{ type: 29, flags: 0, value: hex("ffff") }],
    },
  ],
  [
    "an inverted rule",
    "rule-not",
    {
      ...ipv4,
      table: 5100,
      priority: 5112,
      flags: FIB_RULE_INVERT,
      fwmark: 0x51,
      fwmask: 0xffff_ffff,
      suppressIfgroup: 4,
    },
  ],
  ["a goto", "rule-goto", { ...ipv4, action: FR_ACT_GOTO, priority: 5114, goto: 32766 }],
  [
    "a goto without target",
    "rule-goto-unresolved",
    { ...ipv4, action: FR_ACT_GOTO, priority: 5115, goto: 6000, flags: FIB_RULE_UNRESOLVED },
  ],
  [
    "an unreachable source",
    "rule-unreachable",
    {
      ...ipv6,
      action: FR_ACT_UNREACHABLE,
      priority: 5117,
      srcLength: 48,
      src: ip("2001:db8:9::"),
    },
  ],
  ["l3mdev", "rule-l3mdev", { ...ipv4, priority: 5118, l3mdev: 1 }],
  [
    "a tunnel id",
    "rule-tun-id",
    { ...ipv4, table: 100, priority: 5119, tunId: hex("000000000000004d") },
  ],
])("decodeRule() reads %s", (_what, name, rule) => {
  expect(decodeRule(goldenMessage(name).body)).toEqual(rule);
});

test("decodeRule() reads the kernel's own first rule, which has no priority", () => {
  expect(decodeRule(goldenMessage("rule-dump").body)).toEqual({
    ...ipv6,
    table: RT_TABLE_LOCAL,
    protocol: RTPROT_KERNEL,
  });
});

test("decodeRule() holds no view of the receive buffer", () => {
  const body = goldenMessage("rule-from").body.slice();
  const rule = decodeRule(body);
  body.fill(0);
  expect(rule.src).toEqual(ip("10.0.0.0"));
});

test.each(goldenNames().filter((name) => /^rule-(?!get)/.test(name)))(
  "encodeRule() loses nothing of %s",
  (name) => {
    const rule = decodeRule(goldenMessage(name).body);
    expect(decodeRule(encodeRule(rule))).toEqual(rule);
  },
);
