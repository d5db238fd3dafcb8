/**
 * The host of the examples in docs/explain.md, as lines for `ip -batch`: wired to a router, a mobile uplink, and a
 * tunnel that takes what is not marked, as wg-quick(8) sets it up.
 */
export const documentedHost: readonly string[] = [
  "link add eth0 type veth peer name far0",
  "link add wwan0 type veth peer name far1",
  // A tunnel asks no neighbours.
  "link add wg0 type ifb",
  "link set wg0 arp off",
  ...["eth0", "far0", "wwan0", "far1", "wg0"].map((name) => `link set ${name} up`),
  "addr add 192.168.1.20/24 dev eth0",
  "addr add 10.64.3.7/24 dev wwan0",
  "addr add 10.9.0.2/32 dev wg0",
  "route add default via 192.168.1.1 dev eth0 metric 100",
];

/** What the page calls "with the VPN up". */
export const documentedVpn: readonly string[] = [
  "route add default dev wg0 table 51820",
  "rule add pref 32764 table main suppress_prefixlength 0",
  "rule add pref 32763 not from all fwmark 0xca6c lookup 51820",
];
