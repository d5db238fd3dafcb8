import { expect, test } from "vitest";
import { connectedPrefixes, isOnLink, isWithin } from "../../src/routes/connected-prefix.ts";
import { address, link } from "./memory-host.ts";

test("connectedPrefixes() gives each prefix once, sorted, by its network", () => {
  const eth0 = link(2, "eth0", ["10.0.3.9/22", "10.0.0.2/22", "10.0.0.9/32", "2001:db8::9/64"]);
  expect(connectedPrefixes(eth0, "ipv4")).toEqual(["10.0.0.0/22"]);
  expect(connectedPrefixes(eth0, "ipv6")).toEqual(["2001:db8::/64"]);
});

test("connectedPrefixes() of a point-to-point address is its other end", () => {
  const peer = { ...address("10.5.0.2/32"), peer: "10.5.0.1" };
  const ppp0 = link(5, "ppp0", [], { addresses: [peer] });
  expect(connectedPrefixes(ppp0, "ipv4")).toEqual(["10.5.0.1/32"]);
  expect(isOnLink("10.5.0.1", ppp0, "ipv4")).toBe(true);
});

test("isOnLink() accepts link-local IPv6 gateways and refuses others outside", () => {
  const eth0 = link(2, "eth0", ["10.0.0.2/24", "2001:db8::2/64"]);
  expect(isOnLink("10.0.0.1", eth0, "ipv4")).toBe(true);
  expect(isOnLink("10.0.1.1", eth0, "ipv4")).toBe(false);
  expect(isOnLink("fe80::1", eth0, "ipv6")).toBe(true);
  expect(isOnLink("2001:db8:0:1::1", eth0, "ipv6")).toBe(false);
});

test("isWithin() compares bits, and no address of another family", () => {
  expect(isWithin("192.0.2.129", "192.0.2.128/25")).toBe(true);
  expect(isWithin("192.0.2.127", "192.0.2.128/25")).toBe(false);
  expect(isWithin("::1", "0.0.0.0/0")).toBe(false);
  expect(isWithin("nonsense", "0.0.0.0/0")).toBe(false);
});
