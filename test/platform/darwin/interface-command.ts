import { AF, IFF } from "../../../src/wire/pfroute/constants.ts";
import { addConnectedRoute, purgeRoutesOf, removeConnectedRoute } from "./connected-route.ts";
import { Errno } from "./errno.ts";
import { hasRoute, type Interface, type InterfaceAddress, type Kernel } from "./kernel.ts";
import { isMember, joinGroup, leaveGroup } from "./multicast-group.ts";
import { announceInterface } from "./notice.ts";
import { equalBytes, sockaddrOf } from "./socket-address.ts";

const allHosts = Uint8Array.of(224, 0, 0, 1);
const lockedMtu = 1;
/** RTF_CLONING, as an address of a link that resolves neighbours carries it. */
const cloningAddress = 0x100;

/** SIOCAIFADDR: gives an interface an IPv4 address, or the same one once more. */
export function addInetAddress(
  kernel: Kernel,
  owner: Interface,
  bytes: Uint8Array,
  prefixLength: number,
  peer: Uint8Array | null,
): void {
  const known = findInet(owner, bytes);
  const address = known ?? newInetAddress(owner, bytes);
  if (known === null) owner.addresses.push(address);
  removeConnectedRoute(kernel, address);
  const mask = inetMask(prefixLength);
  address.netmask = mask;
  address.destination = inetSockaddr(peer ?? broadcastOf(bytes, mask));
  if (owner.mac.length > 0) {
    address.flags |= cloningAddress;
    bringUpByDriver(kernel, owner);
  }
  address.ready = true;
  if ((address.flags & hasRoute) === 0) addConnectedRoute(kernel, address);
  if (!isMember(owner, allHosts)) joinGroup(kernel, owner, allHosts);
}

/** SIOCDIFADDR. The routes that were made for the address stay, but for the connected one. */
export function removeInetAddress(kernel: Kernel, owner: Interface, bytes: Uint8Array): number {
  const address = findInet(owner, bytes);
  if (address === null) return Errno.EADDRNOTAVAIL;
  removeConnectedRoute(kernel, address);
  owner.addresses.splice(owner.addresses.indexOf(address), 1);
  const last = !owner.addresses.some((each) => each.family === AF.INET);
  if (last) leaveGroup(kernel, owner, allHosts);
  else if (owner.mac.length > 0) bringUpByDriver(kernel, owner);
  return Errno.OK;
}

/** IFF_UP by hand. The connected IPv4 routes come back, the user's do not. */
export function bringUp(kernel: Kernel, owner: Interface): void {
  changeState(kernel, owner, true);
  if (owner.mac.length > 0) owner.flags |= IFF.RUNNING;
}

/** IFF_UP away: all IPv4 routes of the addresses go, only the connected ones with a message. */
export function bringDown(kernel: Kernel, owner: Interface): void {
  changeState(kernel, owner, false);
  if (owner.mac.length > 0) owner.flags &= ~IFF.RUNNING;
}

/** SIOCSIFMTU: also that of every route over the interface whose MTU is not locked. */
export function setMtu(kernel: Kernel, owner: Interface, mtu: number): void {
  owner.mtu = mtu;
  for (const table of Object.values(kernel.tables))
    for (const { interface: via, metrics } of table.entries)
      if (via === owner && metrics.mtu !== 0 && (metrics.locks & lockedMtu) === 0)
        metrics.mtu = mtu;
  announceInterface(kernel, owner);
}

/** The interface goes away for ever; its index is not given again. */
export function detach(kernel: Kernel, owner: Interface): void {
  changeState(kernel, owner, false);
  kernel.interfaces[owner.index - 1] = null;
}

/** The driver of a link brings it up when it is given an address. */
function bringUpByDriver(kernel: Kernel, owner: Interface): void {
  changeState(kernel, owner, true);
  owner.flags |= IFF.RUNNING;
}

function changeState(kernel: Kernel, owner: Interface, up: boolean): void {
  if (((owner.flags & IFF.UP) !== 0) === up) return;
  owner.flags = up ? owner.flags | IFF.UP : owner.flags & ~IFF.UP;
  for (const address of owner.addresses) {
    if (address.family !== AF.INET) continue;
    const connected = (address.flags & hasRoute) !== 0;
    if (up && !connected && address.ready) addConnectedRoute(kernel, address);
    if (!up && connected) {
      removeConnectedRoute(kernel, address);
      purgeRoutesOf(kernel, address);
    }
  }
  announceInterface(kernel, owner);
}

function findInet(owner: Interface, bytes: Uint8Array): InterfaceAddress | null {
  const sockaddr = inetSockaddr(bytes);
  return owner.addresses.find((each) => equalBytes(each.sockaddr, sockaddr)) ?? null;
}

function newInetAddress(owner: Interface, bytes: Uint8Array): InterfaceAddress {
  return {
    interface: owner,
    family: AF.INET,
    sockaddr: inetSockaddr(bytes),
    netmask: null,
    destination: null,
    flags: 0,
    ready: false,
  };
}

function inetSockaddr(bytes: Uint8Array): Uint8Array {
  return sockaddrOf({ family: AF.INET, bytes, scope: 0 });
}

/** The mask of an address: a sockaddr_in that ends after its last byte that is not 0. */
function inetMask(prefixLength: number): Uint8Array {
  const length = 4 + Math.ceil(prefixLength / 8);
  const mask = new Uint8Array(length);
  mask.set([length, AF.INET]);
  for (let bit = 0; bit < prefixLength; bit += 1)
    mask[4 + (bit >> 3)] = (mask[4 + (bit >> 3)] ?? 0) | (0x80 >> (bit & 7));
  return mask;
}

function broadcastOf(bytes: Uint8Array, mask: Uint8Array): Uint8Array {
  return bytes.map((byte, at) => byte | (~(mask[4 + at] ?? 0) & 0xff));
}
