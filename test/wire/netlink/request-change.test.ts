import { describe, expect, test } from "vitest";
import { u32Attribute } from "../../../src/wire/netlink/attribute.ts";
import {
  AF_INET,
  AF_INET6,
  NLM_F_CREATE,
  NLM_F_EXCL,
} from "../../../src/wire/netlink/message-constants.ts";
import {
  encodeDelRoute,
  encodeDelRule,
  encodeNewRoute,
  encodeNewRule,
} from "../../../src/wire/netlink/request.ts";
import { emptyRoute, type RouteMessage } from "../../../src/wire/netlink/route.ts";
import * as rta from "../../../src/wire/netlink/route-constants.ts";
import { emptyLeg } from "../../../src/wire/netlink/route-leg.ts";
import { emptyRule, type RuleMessage } from "../../../src/wire/netlink/rule.ts";
import {
  FIB_RULE_INVERT,
  FR_ACT_GOTO,
  FR_ACT_TO_TBL,
} from "../../../src/wire/netlink/rule-constants.ts";
import { clearPadding, goldenRequest, hex, ip } from "./golden.ts";

// The witness is iproute2: what we send must be its bytes, sequence number included.

describe("what changes routes", () => {
  const ipv4: RouteMessage = {
    ...emptyRoute,
    family: AF_INET,
    type: rta.RTN_UNICAST,
    protocol: rta.RTPROT_BOOT,
  };
  const gateway = ip("10.0.0.1");

  test.each<[string, RouteMessage]>([
    ["route-add-gateway", { ...ipv4, table: rta.RT_TABLE_MAIN, gateway, oif: 10 }],
    [
      "route-add-device",
      { ...ipv4, table: 5101, protocol: 199, scope: rta.RT_SCOPE_LINK, oif: 12 },
    ],
    [
      "route-add-onlink",
      { ...ipv4, table: 103, flags: rta.RTNH_F_ONLINK, gateway: ip("172.16.0.1"), oif: 10 },
    ],
    [
      "route-add-multipath",
      {
        ...ipv4,
        table: 105,
        multipath: [
          { ...emptyLeg, hops: 2, ifindex: 10, gateway },
          { ...emptyLeg, flags: rta.RTNH_F_ONLINK, ifindex: 12, gateway: ip("10.1.0.1") },
        ],
      },
    ],
    [
      "route-add-via-ipv6",
      {
        ...ipv4,
        table: 107,
        dst: ip("0.0.0.0"),
        via: { family: AF_INET6, address: ip("2001:db8:3::1") },
        oif: 10,
      },
    ],
    [
      "route-add-metrics",
      {
        ...ipv4,
        table: 109,
        gateway,
        oif: 10,
        metrics: {
          values: new Map([
            [rta.RTAX_MTU, 1400],
            [rta.RTAX_ADVMSS, 1300],
            [rta.RTAX_LOCK, 1 << rta.RTAX_MTU],
          ]),
          unknown: [],
        },
      },
    ],
    [
      "route-add-unreachable",
      { ...ipv4, table: 111, type: rta.RTN_UNREACHABLE, priority: 4_278_198_272 },
    ],
    [
      "route-add-encap-ip",
      {
        ...ipv4,
        table: 114,
        encapType: rta.LWTUNNEL_ENCAP_IP,
        encap: {
          type: rta.RTA_ENCAP,
          flags: 0x8000,
          value: hex("0c000100 0000000000000007 08000200 0a000007"),
        },
        gateway,
        oif: 10,
      },
    ],
    [
      "route-add-half",
      {
        ...ipv4,
        table: 113,
        scope: rta.RT_SCOPE_LINK,
        dst: ip("128.0.0.0"),
        dstLength: 1,
        oif: 10,
      },
    ],
    ["route-add-nexthop-object", { ...ipv4, table: 131, nhId: 5 }],
    [
      "route6-add-expires-pref",
      {
        ...ipv4,
        family: AF_INET6,
        table: 122,
        protocol: rta.RTPROT_RA,
        dst: ip("::"),
        gateway: ip("fe80::1"),
        priority: 1024,
        expires: 1800,
        pref: rta.ICMPV6_ROUTER_PREF_HIGH,
        oif: 10,
      },
    ],
  ])("encodeNewRoute() sends what ip sends: %s", (name, route) => {
    const { bytes, seq } = goldenRequest(name);
    expect(encodeNewRoute(seq, NLM_F_CREATE | NLM_F_EXCL, route)).toEqual(clearPadding(bytes, 28));
  });

  test("encodeDelRoute() sends what ip sends, every attribute named", () => {
    const { bytes, seq } = goldenRequest("route-delete-every-attribute");
    const route: RouteMessage = {
      ...ipv4,
      type: rta.RTN_UNSPEC,
      scope: rta.RT_SCOPE_NOWHERE,
      protocol: rta.RTPROT_DHCP,
      table: rta.RT_TABLE_MAIN,
      gateway: ip("10.0.0.9"),
      prefsrc: ip("10.0.0.2"),
      priority: 100,
      oif: 10,
    };
    expect(encodeDelRoute(seq, route)).toEqual(bytes);
  });

  test("encodeNewRoute() sends unknown attributes after the others", () => {
    const bytes = encodeNewRoute(1, NLM_F_CREATE, {
      ...ipv4,
      oif: 10,
      unknown: [u32Attribute(0x123, 7)],
    });
    expect(bytes.subarray(-16)).toEqual(hex("0800 0400 0a000000 0800 2301 07000000"));
  });
});

describe("what changes rules", () => {
  const ipv4: RuleMessage = { ...emptyRule, family: AF_INET, action: FR_ACT_TO_TBL };
  const oif: RuleMessage = { ...ipv4, oifname: "eth0", protocol: 199 };

  test.each<[string, RuleMessage]>([
    [
      "rule-add-suppress",
      { ...oif, table: rta.RT_TABLE_MAIN, priority: 5100, suppressPrefixlen: 0 },
    ],
    ["rule-add-oif", { ...oif, table: 5100, priority: 5102 }],
    ["rule-add-fwmark-mask", { ...ipv4, table: 100, priority: 5107, fwmark: 0x51, fwmask: 0xff }],
    [
      "rule-add-from-to",
      {
        ...ipv4,
        table: 100,
        priority: 5109,
        src: ip("10.0.0.0"),
        srcLength: 24,
        dst: ip("10.1.0.1"),
        dstLength: 32,
      },
    ],
    [
      "rule-add-uidrange-ports",
      {
        ...ipv4,
        table: 100,
        priority: 5111,
        uidRange: { start: 1000, end: 1999 },
        ipProto: 6,
        sportRange: { start: 1000, end: 2000 },
        dportRange: { start: 443, end: 443 },
      },
    ],
    [
      "rule-add-not",
      {
        ...ipv4,
        table: 5100,
        priority: 5113,
        flags: FIB_RULE_INVERT,
        fwmark: 0x51,
        suppressIfgroup: 4,
      },
    ],
    ["rule-add-goto", { ...ipv4, action: FR_ACT_GOTO, priority: 5116, goto: 6000 }],
  ])("encodeNewRule() sends what ip sends: %s", (name, rule) => {
    const { bytes, seq } = goldenRequest(name);
    expect(encodeNewRule(seq, NLM_F_CREATE | NLM_F_EXCL, rule)).toEqual(bytes);
  });

  test("encodeDelRule() sends what ip sends, protocol included", () => {
    const { bytes, seq } = goldenRequest("rule-delete-oif");
    const rule: RuleMessage = { ...oif, action: 0, table: 5100, priority: 5103 };
    expect(encodeDelRule(seq, rule)).toEqual(bytes);
  });
});
