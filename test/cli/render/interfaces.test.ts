import { expect, test } from "vitest";
import { renderInterface, renderInterfaces } from "../../../src/cli/render/interfaces.ts";
import { cannedAddress, cannedInterface, cannedNow, cannedStatus } from "../canned-status.ts";

const view = { columns: 100, color: false, now: cannedNow };
const { interfaces } = cannedStatus();

test("renderInterfaces() lists all but containers' ends", () => {
  expect(renderInterfaces(interfaces, { all: false }, view)).toBe(`\
INTERFACE  KIND      STATE    MTU  MAC                ADDRESSES
lo         loopback  up     65536                     127.0.0.1/8  ::1/128
eth0       physical  up      1500  02:00:00:00:00:02  10.0.0.5/24  2001:db8::5/64  fe80::5/64
wlan0      wireless  up      1500  02:00:00:00:00:03  192.168.7.20/24  fe80::7/64
eth1       physical  down    1500  02:00:00:00:00:04
wg0        tunnel    up      1420                     10.8.0.2/24
… and 37 container interfaces: netwatch interfaces --all
`);
});

test("renderInterfaces() lists everything when asked", () => {
  const text = renderInterfaces(interfaces, { all: true }, view);
  expect(text.split("\n")).toHaveLength(1 + interfaces.length + 1);
  expect(text).toContain("\nveth36  ".replace("  ", ""));
  expect(text).not.toContain("… and");
});

test("renderInterfaces() drops the least important columns of a narrow terminal", () => {
  expect(renderInterfaces(interfaces, { all: false }, { ...view, columns: 44 })).toBe(`\
INTERFACE  STATE  ADDRESSES
lo         up     127.0.0.1/8  ::1/128
eth0       up     10.0.0.5/24
                  2001:db8::5/64  fe80::5/64
wlan0      up     192.168.7.20/24
                  fe80::7/64
eth1       down
wg0        up     10.8.0.2/24
… and 37 container interfaces: netwatch
  interfaces --all
`);
});

test("renderInterface() tells everything about one", () => {
  const addresses = [
    cannedAddress("10.0.0.5/24", { flags: [], validUntil: "2026-03-03T15:31:00.000Z" }),
    cannedAddress("2001:db8::5/64", { flags: ["temporary", "tentative"] }),
  ];
  const one = cannedInterface("eth0", 7, [], { generation: 3, addresses });
  expect(renderInterface(one, view)).toBe(`\
eth0  up  physical
  index      7                  device number 3 of this name
  mtu        1500
  mac        02:00:00:00:00:07
  addresses  10.0.0.5/24        ipv4, global, for 3 h
             2001:db8::5/64     ipv6, global, temporary, tentative
`);
});
