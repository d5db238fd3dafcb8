import type { InterfaceKind } from "../../network/interface.ts";
import type { LinkMessage } from "../../wire/netlink/link.ts";
import * as link from "../../wire/netlink/link-constants.ts";

// IFLA_INFO_KIND of devices that carry packets inside other packets, to a process or to a peer.
const tunnelKinds = new Set([
  "tun",
  "wireguard",
  "amneziawg",
  "ovpn",
  "ppp",
  "ipip",
  "gre",
  "erspan",
  "sit",
  "vti",
  "vti6",
  "ip6tnl",
  "ip6gre",
  "ip6erspan",
  "xfrm",
  "ipvti",
]);

const tunnelTypes = new Set([
  link.ARPHRD_NONE,
  link.ARPHRD_PPP,
  link.ARPHRD_TUNNEL,
  link.ARPHRD_TUNNEL6,
  link.ARPHRD_SIT,
  link.ARPHRD_IPGRE,
  link.ARPHRD_IP6GRE,
]);

/**
 * What an interface is to its user. The kernel names the kind of software devices (IFLA_INFO_KIND); for the
 * others the hardware type tells, and `isWireless`, asked by name.
 */
export function interfaceKindOf(
  message: LinkMessage,
  isWireless: (name: string) => boolean,
): InterfaceKind {
  if (message.type === link.ARPHRD_LOOPBACK || (message.flags & link.IFF_LOOPBACK) !== 0)
    return "loopback";
  if (message.kind !== null) return kindOfSoftware(message, message.kind);
  if (message.type === link.ARPHRD_IEEE80211) return "wireless";
  // A mobile modem in raw IP mode has no hardware type either, but it has a parent device.
  if (tunnelTypes.has(message.type) && message.parentDevName === null) return "tunnel";
  return isWireless(message.ifname ?? "") ? "wireless" : "physical";
}

function kindOfSoftware(message: LinkMessage, kind: string): InterfaceKind {
  if (kind === "bridge" || kind === "openvswitch") return "bridge";
  if (kind === "veth" || kind === "netkit") return "container";
  // A tap that is a port of a bridge is a virtual machine's cable; else a VPN's tunnel.
  if (kind === "tun" && message.type === link.ARPHRD_ETHER && message.master !== null)
    return "virtual";
  return tunnelKinds.has(kind) ? "tunnel" : "virtual";
}
