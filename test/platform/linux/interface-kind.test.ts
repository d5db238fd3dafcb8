import { describe, expect, test } from "vitest";
import type { InterfaceKind } from "../../../src/network/interface.ts";
import { interfaceKindOf } from "../../../src/platform/linux/interface-kind.ts";
import { decodeLink, encodeIfinfomsg, type LinkMessage } from "../../../src/wire/netlink/link.ts";

const bare: LinkMessage = { ...decodeLink(encodeIfinfomsg(0, 2)), type: 1, ifname: "x0" };

describe("interfaceKindOf()", () => {
  test.each<[string, Partial<LinkMessage>, InterfaceKind]>([
    ["lo", { type: 772 }, "loopback"],
    ["an Ethernet card", {}, "physical"],
    ["a card whose driver says so", { type: 801 }, "wireless"],
    ["a modem in raw IP mode", { type: 0xfffe, parentDevName: "1-2:1.4" }, "physical"],
    ["a modem with its own type", { type: 519 }, "physical"],
    ["a device of an old VPN module", { type: 0xfffe }, "tunnel"],
    ["a dial-up line of an old pppd", { type: 512 }, "tunnel"],
    ["sit0", { type: 776 }, "tunnel"],
    ["wg0", { type: 0xfffe, kind: "wireguard" }, "tunnel"],
    ["tun0", { type: 0xfffe, kind: "tun" }, "tunnel"],
    ["a tap of a VPN", { kind: "tun" }, "tunnel"],
    ["a tap that is the port of a bridge", { kind: "tun", master: 5 }, "virtual"],
    ["ppp0", { type: 512, kind: "ppp" }, "tunnel"],
    ["gre1", { type: 778, kind: "gre" }, "tunnel"],
    ["vti", { type: 768, kind: "vti" }, "tunnel"],
    ["xfrm0", { type: 0xfffe, kind: "xfrm" }, "tunnel"],
    ["br0", { kind: "bridge" }, "bridge"],
    ["veth0", { kind: "veth" }, "container"],
    ["eth0.5", { kind: "vlan" }, "virtual"],
    ["bond0", { kind: "bond" }, "virtual"],
    ["vxlan0", { kind: "vxlan" }, "virtual"],
    ["dummy0", { kind: "dummy" }, "virtual"],
  ])("%s", (_what, link, kind) => {
    expect(interfaceKindOf({ ...bare, ...link }, () => false)).toBe(kind);
  });

  test("asks for radios by name, and of hardware only", () => {
    const asked: string[] = [];
    const isWireless = (name: string): boolean => asked.push(name) > 0;
    expect(interfaceKindOf(bare, isWireless)).toBe("wireless");
    expect(interfaceKindOf({ ...bare, kind: "veth" }, isWireless)).toBe("container");
    expect(asked).toEqual(["x0"]);
  });
});
