import { addressByteLength } from "../../../src/network/address.ts";
import type { InterfaceAddress, NetworkInterface } from "../../../src/network/interface.ts";
import type { DefaultRoute } from "../../../src/network/route.ts";

/** A physical interface that is up; the index is its number in every part that is made of one. */
export function memoryInterface(
  index: number,
  name: string,
  more: Partial<NetworkInterface> = {},
): NetworkInterface {
  return {
    index,
    name,
    kind: "physical",
    mac: `02:00:00:00:00:${index.toString(16).padStart(2, "0")}`,
    mtu: 1500,
    up: true,
    carrier: true,
    operState: "up",
    addresses: [],
    ...more,
  };
}

/** A permanent global address from `10.0.0.2/24` or `fd00::2/64`. */
export function memoryAddress(
  text: string,
  more: Partial<InterfaceAddress> = {},
): InterfaceAddress {
  const [address = "", length] = text.split("/");
  const family = address.includes(":") ? "ipv6" : "ipv4";
  return {
    family,
    address,
    prefixLength: length === undefined ? addressByteLength(family) * 8 : Number(length),
    scope: "global",
    flags: ["permanent"],
    peer: null,
    validUntil: null,
    preferredUntil: null,
    ...more,
  };
}

/** A static default in main over an interface. */
export function memoryDefault(
  gateway: string | null,
  interfaceIndex: number | null,
  more: Partial<DefaultRoute> = {},
): DefaultRoute {
  const family = more.family ?? (gateway?.includes(":") ? "ipv6" : "ipv4");
  return {
    family,
    prefix: family === "ipv4" ? "0.0.0.0/0" : "::/0",
    type: "unicast",
    gateway,
    interfaceIndex,
    metric: 100,
    tos: 0,
    table: 254,
    position: 0,
    protocol: "static",
    source: null,
    onlink: false,
    mtu: null,
    pref: null,
    expiresAt: null,
    linkdown: false,
    nexthopId: null,
    nexthops: [],
    ...more,
  };
}
