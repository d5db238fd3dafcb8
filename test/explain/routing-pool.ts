import type { IpFamily } from "../../src/network/address.ts";

/** What routes, rules and questions of one family are made of. */
export interface Pool {
  readonly flag: string;
  readonly destinations: readonly string[];
  readonly prefixes: readonly string[];
  readonly sources: readonly string[];
  readonly sourcePrefixes: readonly string[];
  readonly ways: readonly string[];
  readonly nexthopIds: readonly number[];
}

/** Interfaces of the host that the lines are for; see layOutHost(). */
export const devices: readonly string[] = ["e0", "e1", "e2", "e3", "tun0"];

export const pools: Readonly<Record<IpFamily, Pool>> = {
  ipv4: {
    flag: "-4",
    destinations: [
      "1.1.1.1",
      "192.0.2.9",
      "192.0.2.9",
      "192.0.2.200",
      "203.0.113.5",
      "10.1.0.9",
      "10.2.0.77",
      "10.1.0.2",
      "10.9.0.2",
      "10.1.0.255",
      "127.0.0.1",
      "224.0.0.5",
      "239.1.2.3",
      "255.255.255.255",
      "0.1.2.3",
    ],
    prefixes: [
      "0.0.0.0/0",
      "0.0.0.0/0",
      "0.0.0.0/1",
      "128.0.0.0/1",
      "0.0.0.0/8",
      "1.0.0.0/8",
      "1.1.1.1/32",
      "192.0.0.0/16",
      "192.0.2.0/24",
      "192.0.2.0/25",
      "192.0.2.0/28",
      "192.0.2.8/30",
      "203.0.113.0/24",
      "10.0.0.0/8",
      "10.2.0.0/24",
      "239.0.0.0/8",
    ],
    sources: ["10.1.0.2", "10.2.0.2", "10.9.0.2", "127.0.0.1", "198.51.100.7"],
    sourcePrefixes: ["10.1.0.0/24", "10.2.0.2", "10.0.0.0/8", "0.0.0.0/1", "198.51.100.0/24"],
    ways: [
      "via 10.1.0.1 dev e0",
      "via 10.2.0.1 dev e1",
      "via 10.2.0.3 dev e1",
      "via 10.3.0.1 dev e2",
      "via 10.4.0.1 dev e3",
      "via 192.0.2.1 dev e0 onlink",
      "dev e0",
      "dev e1",
      "dev e3",
      "dev tun0",
    ],
    nexthopIds: [1, 2, 3, 4],
  },
  ipv6: {
    flag: "-6",
    destinations: [
      "2001:db8::1",
      "2001:db8:1::1",
      "2001:db8:1::1",
      "2606:4700::1111",
      "fd01::9",
      "fd02::77",
      "fd01::2",
      "::1",
      "fe80::9",
      "ff02::5",
      "ff0e::5",
    ],
    prefixes: [
      "::/0",
      "::/0",
      "2000::/3",
      "::/1",
      "2001:db8::/32",
      "2001:db8::/48",
      "2001:db8:1::/48",
      "2001:db8:1::1/128",
      "2606:4700::/32",
      "fd02::/64",
      "fd00::/8",
    ],
    sources: ["fd01::2", "fd02::2", "fd09::2", "2001:db8:ffff::7"],
    sourcePrefixes: ["fd01::/64", "fd02::2/128", "fd00::/8", "2001:db8:ffff::/48"],
    ways: [
      "via fd01::1 dev e0",
      "via fd02::1 dev e1",
      "via fd02::3 dev e1",
      "via fd03::1 dev e2",
      "via fd04::1 dev e3",
      "via fe80::1 dev e0",
      "dev e0",
      "dev e1",
      "dev e3",
      "dev tun0",
    ],
    nexthopIds: [11, 12, 13, 14],
  },
};

/** Lines for `ip -batch` that make the interfaces, addresses and nexthop objects that scenarios use. */
export const hostLines: readonly string[] = [
  ...["e0", "e1", "e2", "e3"].map((name) => `link add ${name} type veth peer name ${name}p`),
  "link add tun0 type ifb",
  "link set tun0 group 7",
  "link set e1 group 7",
  ...["e0", "e0p", "e1", "e1p", "e2", "e3", "tun0"].map((name) => `link set ${name} up`),
  ...[1, 2, 3, 4].map((net) => `addr add 10.${net}.0.2/24 dev e${net - 1}`),
  ...[1, 2, 3, 4].map((net) => `addr add fd0${net}::2/64 dev e${net - 1} nodad`),
  "addr add 10.9.0.2/24 dev tun0",
  "addr add fd09::2/64 dev tun0 nodad",
];

// iproute2 cannot flush routes that refer to a nexthop object; with the object the kernel takes them away.
const nexthopLines: Readonly<Record<IpFamily, readonly string[]>> = {
  ipv4: [
    "nexthop add id 1 via 10.1.0.1 dev e0",
    "nexthop add id 2 via 10.2.0.1 dev e1",
    "nexthop add id 3 group 1/2",
    "nexthop add id 4 blackhole",
  ],
  ipv6: [
    "nexthop add id 11 via fd01::1 dev e0",
    "nexthop add id 12 via fd02::1 dev e1",
    "nexthop add id 13 group 11/12",
    "nexthop add id 14 blackhole",
  ],
};

/** Lines that take away what a scenario has made, and make the nexthop objects that the next one may use. */
export function resetLines(family: IpFamily): readonly string[] {
  return [
    "nexthop flush",
    "route flush table all proto static",
    "rule flush",
    "rule add pref 32766 lookup main",
    ...(family === "ipv4" ? ["rule add pref 32767 lookup default"] : []),
    ...nexthopLines[family],
  ];
}
