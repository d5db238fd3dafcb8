import { AF, IFF, RTF } from "../../../src/wire/pfroute/constants.ts";
import { Errno } from "./errno.ts";
import type { Interface, InterfaceAddress, Kernel } from "./kernel.ts";
import { joinGroup, leaveGroup, solicitedNode } from "./multicast-group.ts";
import { announceAddress } from "./notice.ts";
import { addRoute } from "./route-change.ts";
import { deleteRoute } from "./route-removal.ts";
import {
  embedsScope,
  equalBytes,
  type ScopedAddress,
  scopedAddressOf,
  sockaddrOf,
  withEmbeddedScope,
} from "./socket-address.ts";

const ethernet = 6;
/** RTF_CLONING, which every IPv6 address of a link carries. */
const cloningAddress = 0x100;

/** ff01::1 and ff02::1, in the order in which an interface joins them. */
const allNodes = [group(0x02, 0x01), group(0x01, 0x01)];

/**
 * Gives an interface an IPv6 address (SIOCAIFADDR_IN6, or the start of link-local addressing): a route to
 * itself by lo0 is announced, that to its network is not.
 */
export function addInet6Address(
  kernel: Kernel,
  owner: Interface,
  bytes: Uint8Array,
  prefixLength: number,
): void {
  const first = !owner.addresses.some((each) => each.family === AF.INET6);
  const linkLocal = embedsScope({ family: AF.INET6, bytes });
  const own: ScopedAddress = {
    family: AF.INET6,
    bytes: linkLocal ? withEmbeddedScope(bytes, owner.index) : bytes,
    scope: 0,
  };
  const sockaddr = sockaddrOf(own);
  if (owner.addresses.some((each) => equalBytes(each.sockaddr, sockaddr))) return;
  const address = newInet6Address(owner, sockaddr, prefixLength);
  owner.addresses.push(address);
  addOwnRoute(kernel, address, own);
  joinGroup(kernel, owner, solicitedNode(bytes));
  if (first) for (const each of allNodes) joinGroup(kernel, owner, each);
  if (first) addGroupRoutes(kernel, owner, address);
  addNetworkRoute(kernel, owner, address, own, prefixLength);
}

/** SIOCDIFADDR_IN6: the route to the address itself goes, that to its network and the user's stay. */
export function removeInet6Address(kernel: Kernel, owner: Interface, bytes: Uint8Array): number {
  const sockaddr = sockaddrOf({ family: AF.INET6, bytes, scope: 0 });
  const address = owner.addresses.find((each) => equalBytes(each.sockaddr, sockaddr));
  if (address === undefined) return Errno.EADDRNOTAVAIL;
  const entry = deleteRoute(kernel, scopedAddressOf(sockaddr), null, RTF.HOST, 0);
  owner.addresses.splice(owner.addresses.indexOf(address), 1);
  if (entry !== null) announceAddress(kernel, "delete", address, entry);
  if (!owner.addresses.some((each) => each.family === AF.INET6))
    for (const each of [...allNodes].reverse()) leaveGroup(kernel, owner, each);
  leaveGroup(kernel, owner, solicitedNode(bytes));
  return Errno.OK;
}

/** The link-local address that an interface makes of its MAC address (RFC 4291, appendix A). */
export function linkLocalOf(owner: Interface): Uint8Array {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = owner.mac;
  return Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, a ^ 2, b, c, 0xff, 0xfe, d, e, f);
}

function newInet6Address(
  owner: Interface,
  sockaddr: Uint8Array,
  prefixLength: number,
): InterfaceAddress {
  const bytes = new Uint8Array(16);
  for (let bit = 0; bit < prefixLength; bit += 1)
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return {
    interface: owner,
    family: AF.INET6,
    sockaddr,
    netmask: sockaddrOf({ family: AF.INET6, bytes, scope: 0 }),
    destination: (owner.flags & IFF.POINTOPOINT) === 0 ? null : new Uint8Array(),
    flags: cloningAddress,
    ready: true,
  };
}

function addOwnRoute(kernel: Kernel, address: InterfaceAddress, own: ScopedAddress): void {
  const flags = RTF.UP | RTF.HOST | RTF.LLINFO;
  const entry = addRoute(kernel, own, address.sockaddr, null, flags, 0);
  if (typeof entry !== "number") announceAddress(kernel, "add", address, entry);
}

/** The route to the network of an address; neighbour discovery refers to it for as long as it knows the prefix. */
function addNetworkRoute(
  kernel: Kernel,
  owner: Interface,
  address: InterfaceAddress,
  own: ScopedAddress,
  prefixLength: number,
): void {
  if (prefixLength === 128) return;
  const bytes = own.bytes.map((byte, at) => (at * 8 < prefixLength ? byte : 0));
  const via =
    owner.addresses.find((each) => embedsScope(scopedAddressOf(each.sockaddr))) ?? address;
  const cloning = owner.type === ethernet ? RTF.CLONING : 0;
  const entry = addRoute(
    kernel,
    { family: AF.INET6, bytes, scope: 0 },
    via.sockaddr,
    address.netmask,
    RTF.UP | cloning,
    0,
  );
  if (typeof entry !== "number") entry.references += 1;
}

/** ff00::/8, ff01::/32 and ff02::/32 of an interface. */
export function addGroupRoutes(kernel: Kernel, owner: Interface, via: InterfaceAddress): void {
  const networks: [Uint8Array, number][] = [
    [Uint8Array.of(0xff, ...new Array<number>(15).fill(0)), 8],
    [withEmbeddedScope(group(1, 0), owner.index), 32],
    [withEmbeddedScope(group(2, 0), owner.index), 32],
  ];
  for (const [bytes, prefixLength] of networks) {
    const mask = bytes.map((_, at) => (at * 8 < prefixLength ? 0xff : 0));
    addRoute(
      kernel,
      { family: AF.INET6, bytes, scope: 0 },
      via.sockaddr,
      sockaddrOf({ family: AF.INET6, bytes: mask, scope: 0 }),
      RTF.UP | RTF.CLONING,
      owner.index,
    );
  }
}

function group(scope: number, last: number): Uint8Array {
  return Uint8Array.of(0xff, scope, ...new Array<number>(13).fill(0), last);
}
