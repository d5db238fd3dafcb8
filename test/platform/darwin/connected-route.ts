import { AF, IFF, RTF } from "../../../src/wire/pfroute/constants.ts";
import { hasRoute, type InterfaceAddress, type Kernel } from "./kernel.ts";
import { announceAddress } from "./notice.ts";
import { addRoute } from "./route-change.ts";
import { applyMask, hasFlag, maskFrom } from "./route-entry.ts";
import { lookUpRoute } from "./route-lookup.ts";
import { deleteEntry, deleteRoute } from "./route-removal.ts";
import { scopedAddressOf } from "./socket-address.ts";

/** Adds the connected route of an IPv4 address, to its network or to the other end, and announces both. */
export function addConnectedRoute(kernel: Kernel, address: InterfaceAddress): void {
  const { destination, netmask, flags } = place(address);
  const entry = addRoute(kernel, destination, address.sockaddr, netmask, flags, 0);
  if (typeof entry === "number") return;
  if (entry.address !== address) {
    entry.address = address;
    entry.interface = address.interface;
    entry.metrics.mtu = address.interface.mtu;
  }
  announceAddress(kernel, "add", address, entry);
  address.flags |= hasRoute;
}

/**
 * Removes the connected route of an IPv4 address and announces both. Neither is announced when the route to
 * its network is now somebody else's, or was added by hand.
 */
export function removeConnectedRoute(kernel: Kernel, address: InterfaceAddress): void {
  if ((address.flags & hasRoute) === 0) return;
  const { destination, netmask, flags } = place(address);
  const key =
    netmask === null ? destination : applyMask(destination, maskFrom(netmask, AF.INET, 0));
  const found = lookUpRoute(kernel, key, null, 0, true);
  const theirs = found !== null && (found.address !== address || hasFlag(found, RTF.STATIC));
  if (!theirs) {
    const entry = deleteRoute(kernel, key, netmask, flags, 0);
    if (entry !== null) announceAddress(kernel, "delete", address, entry);
  }
  address.flags &= ~hasRoute;
}

/** Removes, without a message, every IPv4 route that was made for this address, scoped and static alike. */
export function purgeRoutesOf(kernel: Kernel, address: InterfaceAddress): void {
  for (const entry of [...kernel.tables[AF.INET].entries]) {
    if (entry.address !== address) continue;
    entry.flags &= ~(RTF.CLONING | RTF.PRCLONING);
    deleteEntry(kernel, entry);
  }
  address.flags &= ~hasRoute;
}

function place(address: InterfaceAddress): {
  destination: ReturnType<typeof scopedAddressOf>;
  netmask: Uint8Array | null;
  flags: number;
} {
  const toHost = (address.interface.flags & (IFF.LOOPBACK | IFF.POINTOPOINT)) !== 0;
  const sockaddr = toHost ? (address.destination ?? address.sockaddr) : address.sockaddr;
  return {
    destination: scopedAddressOf(sockaddr),
    netmask: toHost ? null : address.netmask,
    flags: RTF.UP | (toHost ? RTF.HOST : 0) | address.flags,
  };
}
