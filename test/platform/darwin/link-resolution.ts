import { AF, IFF, RTF } from "../../../src/wire/pfroute/constants.ts";
import { isOwnInterfaceAddress, ownAddress } from "./address-choice.ts";
import type { Interface, Kernel } from "./kernel.ts";
import { joinGroup, leaveGroup, solicitedNode } from "./multicast-group.ts";
import { hasFlag, type RouteEntry, type RouteMetrics } from "./route-entry.ts";
import { familyOf, linkSockaddr, scopedAddressOf } from "./socket-address.ts";

/** IFT_ETHER of net/if_types.h: the only type of the model that resolves neighbours. */
const ethernet = 6;
const linkLength = 20;
/** RTV_MTU in rmx_locks. */
const lockedMtu = 1;

/**
 * What ARP or neighbour discovery does to a route that has just been added or cloned, or whose interface was
 * looked for again: a route without a router becomes one to the link itself.
 *
 * @returns true when the entry now leads to the bare link, so that clones made before are stale
 */
export function resolveLink(kernel: Kernel, entry: RouteEntry, event: "add" | "clone"): boolean {
  if (entry.key.family === AF.INET && entry.address.interface === kernel.loopback)
    Object.assign(entry.metrics, loopbackMetrics(kernel));
  if (hasFlag(entry, RTF.GATEWAY)) return false;
  return entry.key.family === AF.INET
    ? resolveInet(kernel, entry, event)
    : resolveInet6(kernel, entry, event);
}

/** Routes over IPv4 addresses of lo0 get buffers of three packets. */
function loopbackMetrics({ loopback }: Kernel): Partial<RouteMetrics> {
  return { mtu: loopback.mtu, receivePipe: 3 * loopback.mtu, sendPipe: 3 * loopback.mtu };
}

/** Ends what `resolveLink` began: the route leaves the table, or its interface. */
export function forgetLink(kernel: Kernel, entry: RouteEntry): void {
  if (hasFlag(entry, RTF.GATEWAY) || !entry.hasLinkInformation) return;
  if (entry.key.family === AF.INET) {
    if (entry.address.interface.type !== ethernet) return;
  } else if (entry.interface.type !== ethernet && !hasFlag(entry, RTF.HOST)) return;
  if (isAnnounced(entry)) leaveGroup(kernel, entry.interface, solicitedNode(entry.key.bytes));
  entry.flags &= ~RTF.LLINFO;
}

/**
 * RTF_PROTO2 is also RTF_ANNOUNCE: the host answers for the neighbours of such an IPv6 route, and so joins the
 * group in which they are solicited, even for a default.
 */
function isAnnounced(entry: RouteEntry): boolean {
  return (
    entry.key.family === AF.INET6 &&
    hasFlag(entry, RTF.PROTO2) &&
    (entry.interface.flags & IFF.MULTICAST) !== 0
  );
}

function resolveInet(kernel: Kernel, entry: RouteEntry, event: "add" | "clone"): boolean {
  const owner = entry.interface;
  if (entry.address.interface.type !== ethernet) return false;
  if (event === "add") {
    if (!hasFlag(entry, RTF.HOST) && entry.mask !== null && !isAllOnes(entry.mask.bytes))
      entry.flags |= RTF.CLONING;
    if (hasFlag(entry, RTF.CLONING)) {
      entry.gateway = linkSockaddr(owner.index, owner.type, "", new Uint8Array());
      entry.metrics.expire = kernel.now;
      return true;
    }
  }
  if (!namesLink(entry)) return false;
  stampLink(entry, owner);
  if (entry.hasLinkInformation) return false;
  entry.hasLinkInformation = true;
  entry.flags |= RTF.LLINFO;
  if (isBroadcastAddress(entry.key.bytes, owner)) {
    setLinkAddress(entry, new Uint8Array(owner.mac.length).fill(0xff));
    entry.metrics.expire = kernel.now;
  } else if (entry.key.bytes[0] === 169 && entry.key.bytes[1] === 254) entry.flags |= RTF.STATIC;
  if (isOwnInterfaceAddress(entry.address, entry.key)) {
    setLinkAddress(entry, owner.mac);
    moveToLoopback(kernel, entry);
  }
  return false;
}

function resolveInet6(kernel: Kernel, entry: RouteEntry, event: "add" | "clone"): boolean {
  const owner = entry.interface;
  const resolves = owner.type === ethernet;
  if (!resolves && !hasFlag(entry, RTF.HOST)) return false;
  if (event === "clone" && !resolves) {
    entry.flags &= ~RTF.LLINFO;
    return false;
  }
  const unresolved = hasFlag(entry, RTF.LLINFO) && !entry.hasLinkInformation;
  const bare = event === "add" && (hasFlag(entry, RTF.CLONING) || unresolved);
  if (bare) entry.gateway = linkSockaddr(owner.index, owner.type, "", new Uint8Array());
  if (bare && hasFlag(entry, RTF.CLONING)) return true;
  if ((owner.flags & (IFF.POINTOPOINT | IFF.LOOPBACK)) === 0) {
    if (!namesLink(entry)) return bare;
    stampLink(entry, owner);
  }
  if (entry.hasLinkInformation) return bare;
  entry.hasLinkInformation = true;
  entry.flags |= RTF.LLINFO;
  const own = ownAddress(owner, entry.key);
  if (own === null) {
    if (isAnnounced(entry)) joinGroup(kernel, owner, solicitedNode(entry.key.bytes));
    return bare;
  }
  setLinkAddress(entry, owner.mac);
  moveToLoopback(kernel, entry);
  entry.address = own;
  return bare;
}

function namesLink({ gateway }: RouteEntry): boolean {
  return familyOf(gateway) === AF.LINK && gateway.length >= linkLength;
}

function stampLink(entry: RouteEntry, owner: Interface): void {
  const gateway = entry.gateway.slice();
  gateway.set([owner.index & 0xff, owner.index >> 8, owner.type], 2);
  entry.gateway = gateway;
}

function setLinkAddress(entry: RouteEntry, mac: Uint8Array): void {
  if (familyOf(entry.gateway) !== AF.LINK) return;
  const gateway = entry.gateway.slice();
  gateway[6] = mac.length;
  gateway.set(mac, 8 + (gateway[5] ?? 0));
  entry.gateway = gateway;
}

/** A route to an address of the host itself goes by lo0. */
function moveToLoopback(kernel: Kernel, entry: RouteEntry): void {
  entry.metrics.expire = 0;
  entry.interface = kernel.loopback;
  if ((entry.metrics.locks & lockedMtu) === 0) entry.metrics.mtu = kernel.loopback.mtu;
}

/** Whether IPv4 would take the address for a broadcast on the interface, the old all-zero form included. */
export function isBroadcastAddress(bytes: Uint8Array, owner: Interface): boolean {
  if (bytes.every((byte) => byte === 0xff) || bytes.every((byte) => byte === 0)) return true;
  if ((owner.flags & IFF.BROADCAST) === 0) return false;
  return owner.addresses.some((address) => {
    if (address.family !== AF.INET) return false;
    const own = scopedAddressOf(address.sockaddr).bytes;
    const mask = new Uint8Array(4);
    mask.set((address.netmask ?? mask).subarray(4, 8));
    if (isAllOnes(mask)) return false;
    const network = own.map((byte, at) => byte & (mask[at] ?? 0));
    const broadcast = network.map((byte, at) => byte | (~(mask[at] ?? 0) & 0xff));
    return [network, broadcast].some((each) => each.every((byte, at) => byte === bytes[at]));
  });
}

function isAllOnes(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0xff);
}
