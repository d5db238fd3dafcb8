import { AF, IFF, RTF } from "../../../src/wire/pfroute/constants.ts";
import {
  attachedInterfaces,
  type Interface,
  type InterfaceAddress,
  interfaceAt,
  type Kernel,
} from "./kernel.ts";
import { lookUpSockaddr } from "./route-lookup.ts";
import {
  equalBytes,
  familyOf,
  isTableFamily,
  type ScopedAddress,
  scopedAddressOf,
  setScope,
  sockaddrOf,
  withoutScope,
} from "./socket-address.ts";

/**
 * The interface address that a route to a destination through a gateway would use: what decides by which
 * interface it leaves. Null means that the route cannot be (ENETUNREACH).
 *
 * @param scope the interface that it must be on, or 0 for any
 */
export function addressForRoute(
  kernel: Kernel,
  flags: number,
  destination: ScopedAddress,
  gateway: Uint8Array,
  scope: number,
): InterfaceAddress | null {
  const dst = sockaddrOf(withoutScope(destination));
  const via = gateway.slice();
  if (isTableFamily(familyOf(via))) setScope(via, 0);
  let found =
    addressAtEndOf(kernel, flags, dst, via, scope) ?? addressOfNetwork(kernel, via, scope);
  found ??= lookUpSockaddr(kernel, dst, scope)?.address ?? null;
  if (found !== null && found.family !== destination.family)
    found = addressOfInterface(found.interface, dst) ?? found;
  if (found === null || !equalBytes(found.sockaddr, via)) {
    // What the table says of the gateway counts more than what the interfaces say.
    const route = isTableFamily(familyOf(via)) ? lookUpSockaddr(kernel, via, scope) : null;
    if (route !== null) found = route.address;
  }
  if (found === null || found.family !== destination.family) return null;
  return scope !== 0 && found.interface.index !== scope ? null : found;
}

/** The address of an interface that suits a destination best: the same, the same network, or the first. */
export function addressOfInterface(
  owner: Interface,
  destination: Uint8Array,
): InterfaceAddress | null {
  const candidates = owner.addresses.filter((each) => each.family === familyOf(destination));
  const pointToPoint = (owner.flags & IFF.POINTOPOINT) !== 0;
  const exact = candidates.find((each) =>
    pointToPoint ? isEnd(each, destination) : equalBytes(each.sockaddr, destination),
  );
  const near = pointToPoint ? undefined : candidates.find((each) => covers(each, destination));
  return exact ?? near ?? candidates[0] ?? null;
}

/** Whether an address is the host's own on this interface. */
export function ownAddress(owner: Interface, key: ScopedAddress): InterfaceAddress | null {
  const sockaddr = sockaddrOf(withoutScope(key));
  return owner.addresses.find((each) => equalBytes(each.sockaddr, sockaddr)) ?? null;
}

function addressAtEndOf(
  kernel: Kernel,
  flags: number,
  destination: Uint8Array,
  gateway: Uint8Array,
  scope: number,
): InterfaceAddress | null {
  if ((flags & RTF.GATEWAY) !== 0)
    return (
      (scope === 0 ? null : addressWithEnd(scopedInterfaces(kernel, scope), gateway)) ??
      addressWithEnd(attachedInterfaces(kernel), gateway)
    );
  const byHost =
    (flags & RTF.HOST) === 0 ? null : addressWithEnd(attachedInterfaces(kernel), destination);
  return byHost ?? addressEqualTo(scopedInterfaces(kernel, scope), gateway);
}

function scopedInterfaces(kernel: Kernel, scope: number): readonly Interface[] {
  if (scope === 0) return attachedInterfaces(kernel);
  const owner = interfaceAt(kernel, scope);
  return owner === null ? [] : [owner];
}

function addressWithEnd(owners: readonly Interface[], end: Uint8Array): InterfaceAddress | null {
  const pointToPoint = owners.filter((each) => (each.flags & IFF.POINTOPOINT) !== 0);
  return pointToPoint.flatMap((each) => each.addresses).find((each) => isEnd(each, end)) ?? null;
}

function addressEqualTo(
  owners: readonly Interface[],
  sockaddr: Uint8Array,
): InterfaceAddress | null {
  const same = (each: InterfaceAddress): boolean =>
    equalBytes(each.sockaddr, sockaddr) ||
    ((each.interface.flags & IFF.BROADCAST) !== 0 && isEnd(each, sockaddr));
  return owners.flatMap((each) => each.addresses).find(same) ?? null;
}

function isEnd(address: InterfaceAddress, sockaddr: Uint8Array): boolean {
  return address.destination !== null && equalBytes(address.destination, sockaddr);
}

/** The address whose network a gateway is in; of several the most specific. */
function addressOfNetwork(
  kernel: Kernel,
  gateway: Uint8Array,
  scope: number,
): InterfaceAddress | null {
  const family = familyOf(gateway);
  if (family === AF.LINK) return linkAddressFor(kernel, gateway);
  if (!isTableFamily(family)) return null;
  const networks = scopedInterfaces(kernel, scope)
    .flatMap((each) => each.addresses)
    .filter((each) => each.family === family && covers(each, gateway));
  return networks.reduce<InterfaceAddress | null>(
    (best, each) => (best === null || maskBits(each) > maskBits(best) ? each : best),
    null,
  );
}

/** By index, else by name. The index of no interface that ever was falls back to the name as well. */
function linkAddressFor(kernel: Kernel, gateway: Uint8Array): InterfaceAddress | null {
  const index = (gateway[2] ?? 0) | ((gateway[3] ?? 0) << 8);
  const named = (owner: Interface): boolean =>
    [...new TextEncoder().encode(owner.name)].every((byte, at) => gateway[8 + at] === byte);
  const owner =
    index !== 0 && index <= kernel.interfaces.length
      ? interfaceAt(kernel, index)
      : (attachedInterfaces(kernel).find(named) ?? null);
  return owner === null ? null : linkAddressOf(owner);
}

function linkAddressOf(owner: Interface): InterfaceAddress {
  return {
    interface: owner,
    family: AF.LINK,
    sockaddr: owner.linkAddress,
    netmask: null,
    destination: null,
    flags: 0,
    ready: true,
  };
}

/** Whether a sockaddr is in the network of an address. Masks begin with zero bytes where nothing counts. */
function covers(address: InterfaceAddress, sockaddr: Uint8Array): boolean {
  const { netmask } = address;
  if (netmask === null || familyOf(sockaddr) !== address.family) return false;
  return netmask
    .subarray(2)
    .every(
      (mask, at) => (((sockaddr[at + 2] ?? 0) ^ (address.sockaddr[at + 2] ?? 0)) & mask) === 0,
    );
}

function maskBits({ netmask }: InterfaceAddress): number {
  return (netmask ?? new Uint8Array())
    .subarray(2)
    .reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);
}

/** The bytes after the address of a sockaddr are those of the address itself: compares addresses only. */
export function isOwnInterfaceAddress(address: InterfaceAddress, key: ScopedAddress): boolean {
  return (
    address.family === key.family && equalBytes(scopedAddressOf(address.sockaddr).bytes, key.bytes)
  );
}
