import { expect, test } from "vitest";
import { renderStatus } from "../../../src/cli/render/status.ts";
import {
  brokenStatus,
  cannedAddress,
  cannedDefault,
  cannedDefaults,
  cannedInterface,
  cannedNow,
  cannedStatus,
} from "../canned-status.ts";

const wide = { columns: 100, color: false, now: cannedNow };

test("renderStatus() of a healthy host", () => {
  expect(renderStatus(cannedStatus(), wide)).toBe(`\
ok  netwatchd 0.1.0 only watches, running for 3 h

ipv4  default via 10.0.0.1 dev eth0      metric 100   DHCP
              via 192.168.7.1 dev wlan0  metric 600   DHCP    stands by: higher metric
ipv6  default via fe80::1 dev eth0       metric 1024  router

INTERFACE  KIND      STATE  ADDRESSES
eth0       physical  up     10.0.0.5/24  2001:db8::5/64
wlan0      wireless  up     192.168.7.20/24
wg0        tunnel    up     10.8.0.2/24
… and lo, 37 container interfaces and eth1 (down): netwatch interfaces --all

last kernel message 12 s ago · 14 events · drift 0 · overflows 0 · pid 812
`);
});

test("renderStatus() is no wider on a wider terminal", () => {
  expect(renderStatus(cannedStatus(), { ...wide, columns: 300 })).toBe(
    renderStatus(cannedStatus(), wide),
  );
});

test("renderStatus() says first what is wrong", () => {
  expect(renderStatus(brokenStatus(), wide)).toBe(`\
✗ kernel messages cannot be heard, so changes are found late: not permitted
✗ ipv4 leaves by 10.0.0.1 dev eth0, which has no carrier: packets are lost
✗ ipv6 has no default that works: fe80::1 dev eth0 (dead: no carrier)

ipv4  default via 10.0.0.1 dev eth0  metric 100   DHCP
ipv6  no default
              via fe80::1 dev eth0   metric 1024  router  dead: no carrier

INTERFACE  KIND      STATE       ADDRESSES
eth0       physical  no carrier  10.0.0.5/24  2001:db8::5/64
wlan0      wireless  up          192.168.7.20/24
wg0        tunnel    up          10.8.0.2/24
… and lo, 37 container interfaces and eth1 (down): netwatch interfaces --all

last kernel message 12 s ago · 14 events · drift 3 · overflows 2 · pid 812
`);
});

test("renderStatus() on a narrow terminal breaks between the parts of a route", () => {
  expect(renderStatus(cannedStatus(), { ...wide, columns: 40 })).toBe(`\
ok  netwatchd 0.1.0 only watches,
    running for 3 h

ipv4  default via 10.0.0.1 dev eth0
        metric 100  DHCP
      via 192.168.7.1 dev wlan0
        metric 600  DHCP
        stands by: higher metric
ipv6  default via fe80::1 dev eth0
        metric 1024  router

INTERFACE  STATE  ADDRESSES
eth0       up     10.0.0.5/24
                  2001:db8::5/64
wlan0      up     192.168.7.20/24
wg0        up     10.8.0.2/24
… and lo, 37 container interfaces and
  eth1 (down): netwatch interfaces --all

last kernel message 12 s ago · 14 events
  drift 0 · overflows 0 · pid 812
`);
});

test("renderStatus() shows a split, a rule, legs and a refusal in words", () => {
  const eth0 = cannedDefault();
  const half = cannedDefault({
    prefix: "0.0.0.0/1",
    via: "split",
    gateway: null,
    interface: "tun0",
    metric: 0,
    protocol: "static",
  });
  const legs = [
    { gateway: "fe80::1", interface: "eth0", weight: 1 },
    { gateway: "fe80::9", interface: "wlan0", weight: 2 },
  ];
  const multipath = cannedDefault({
    family: "ipv6",
    prefix: "::/0",
    gateway: null,
    interface: null,
    nexthops: legs,
  });
  const status = cannedStatus({
    interfaces: [],
    defaults: {
      ipv4: cannedDefaults(half, { ...eth0, lostBecause: "split" }),
      ipv6: cannedDefaults(multipath),
    },
  });
  expect(renderStatus(status, { ...wide, columns: 140 }).split("\n\n")[1]).toBe(`\
ipv4  0.0.0.0/1 dev tun0                                                  static  one part of a split
              via 10.0.0.1 dev eth0                           metric 100  DHCP    overruled: narrower routes take its packets
ipv6  default via fe80::1 dev eth0 ×1 + fe80::9 dev wlan0 ×2  metric 100  DHCP`);
});

test("renderStatus() lists an interface that a default uses or that others can reach, whatever its kind", () => {
  const veth = { kind: "container" } as const;
  const status = cannedStatus({
    interfaces: [
      cannedInterface("eth0", 2, ["fe80::2/64"], veth),
      cannedInterface("eth1", 3, ["10.1.0.2/24"], veth),
      cannedInterface("veth9", 4, ["fe80::4/64"], veth),
      cannedInterface("wlan0", 5, [], { up: false, carrier: false, operState: "down" }),
    ],
  });
  expect(renderStatus(status, wide).split("\n\n")[2]).toBe(`\
INTERFACE  KIND       STATE  ADDRESSES
eth0       container  up     fe80::2/64
eth1       container  up     10.1.0.2/24
wlan0      physical   down
… and 1 container interface: netwatch interfaces --all`);
});

test("renderStatus() of a host without anything", () => {
  const nothing = cannedDefaults(null);
  const status = cannedStatus({ interfaces: [], defaults: { ipv4: nothing, ipv6: nothing } });
  status.source.lastMessageAt = null;
  expect(renderStatus(status, wide)).toBe(`\
ok  netwatchd 0.1.0 only watches, running for 3 h

ipv4  no default
ipv6  no default

no kernel message yet · 14 events · drift 0 · overflows 0 · pid 812
`);
});

test("renderStatus() colours what is good, wrong and beside the point, and nothing else changes", () => {
  const colored = renderStatus(brokenStatus(), { ...wide, color: true });
  expect(colored).toContain("\u001b[31m✗\u001b[39m\u001b[31m ipv4 leaves by");
  expect(colored).toContain("\u001b[33mno carrier\u001b[39m");
  expect(colored).toContain("\u001b[32mup\u001b[39m");
  const bare = colored
    .split("\u001b")
    .map((part) => part.replace(/^\[\d+m/, ""))
    .join("");
  expect(bare).toBe(renderStatus(brokenStatus(), wide));
});

test("renderStatus() shows a duplicate address where it stands and among what is wrong", () => {
  const duplicate = cannedAddress("2001:db8::5/64", { flags: ["permanent", "duplicate"] });
  const status = cannedStatus({
    interfaces: [cannedInterface("eth0", 2, [], { addresses: [duplicate] })],
  });
  const text = renderStatus(status, wide);
  expect(text).toMatch(/^✗ 2001:db8::5 on eth0 is a duplicate: another host has it/);
  expect(text).toContain("2001:db8::5/64 (duplicate)");
});

test("renderStatus() of a daemon that could read nothing claims nothing of the host", () => {
  const status = cannedStatus({ interfaces: [] });
  const reasons = ["nothing is known: cannot open a netlink socket"];
  const blind = {
    ...status,
    defaults: { ipv4: cannedDefaults(null), ipv6: cannedDefaults(null) },
    daemon: { ...status.daemon, health: "degraded" as const, reasons },
  };
  expect(renderStatus(blind, wide).split("\n").slice(0, 4)).toEqual([
    "✗ nothing is known: cannot open a netlink socket",
    "",
    "ipv4  unknown",
    "ipv6  unknown",
  ]);
});

test("renderStatus() says which uplinks bound sockets can leave by", () => {
  const installed = {
    interface: "wlan0",
    family: "ipv4",
    gateway: "192.168.7.1",
    state: "installed",
    adopted: false,
    reason: null,
  } as const;
  const status = cannedStatus({
    scoped: [
      installed,
      { ...installed, family: "ipv6" },
      { ...installed, interface: "eth0" },
      { ...installed, interface: "eth1", state: "pending", reason: "no-gateway-known" },
    ],
  });
  expect(renderStatus(status, wide)).toContain(
    "\nsockets bound to wlan0 (ipv4, ipv6), eth0 (ipv4) leave there, whatever the default\n",
  );
  expect(renderStatus(cannedStatus({ scoped: [] }), wide)).not.toContain("sockets bound");
});
