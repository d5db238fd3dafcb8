import { AF } from "../../../src/wire/pfroute/constants.ts";
import type { Interface, Kernel, MulticastGroup } from "./kernel.ts";
import { announceGroup } from "./notice.ts";
import {
  equalBytes,
  familyOf,
  linkSockaddr,
  scopedAddressOf,
  sockaddrOf,
  withEmbeddedScope,
} from "./socket-address.ts";

/** A group as a sockaddr; one of IPv6 carries the interface in bytes 2 and 3. */
function groupSockaddr(owner: Interface, bytes: Uint8Array): Uint8Array {
  return bytes.length === 4
    ? sockaddrOf({ family: AF.INET, bytes, scope: 0 })
    : sockaddrOf({ family: AF.INET6, bytes: withEmbeddedScope(bytes, owner.index), scope: 0 });
}

export function isMember(owner: Interface, bytes: Uint8Array): boolean {
  return findGroup(owner, groupSockaddr(owner, bytes)) !== null;
}

/** Joins a group, and the link-layer filter behind it where the link has addresses. */
export function joinGroup(kernel: Kernel, owner: Interface, bytes: Uint8Array): void {
  const sockaddr = groupSockaddr(owner, bytes);
  const known = findGroup(owner, sockaddr);
  if (known !== null) {
    known.members += 1;
    return;
  }
  const link = owner.mac.length === 0 ? null : joinLink(owner, linkGroup(sockaddr));
  const group = { sockaddr, link, members: 1 };
  owner.groups.unshift(group);
  announceGroup(kernel, "add", owner, group);
}

/** Leaves a group; false when the interface is not a member. */
export function leaveGroup(kernel: Kernel, owner: Interface, bytes: Uint8Array): boolean {
  const group = findGroup(owner, groupSockaddr(owner, bytes));
  if (group === null) return false;
  group.members -= 1;
  if (group.members > 0) return true;
  drop(owner, group);
  if (group.link !== null) {
    group.link.members -= 1;
    if (group.link.members === 0) drop(owner, group.link);
  }
  announceGroup(kernel, "delete", owner, group);
  return true;
}

function joinLink(owner: Interface, mac: Uint8Array): MulticastGroup {
  const sockaddr = linkSockaddr(0, 0, "", mac);
  const known = findGroup(owner, sockaddr);
  if (known !== null) {
    known.members += 1;
    return known;
  }
  const group = { sockaddr, link: null, members: 1 };
  owner.groups.unshift(group);
  return group;
}

/** The Ethernet address of a group: RFC 1112, RFC 2464. */
function linkGroup(sockaddr: Uint8Array): Uint8Array {
  const { bytes } = scopedAddressOf(sockaddr);
  if (familyOf(sockaddr) === AF.INET)
    return Uint8Array.of(1, 0, 0x5e, (bytes[1] ?? 0) & 0x7f, bytes[2] ?? 0, bytes[3] ?? 0);
  return Uint8Array.of(0x33, 0x33, ...bytes.slice(12));
}

function findGroup(owner: Interface, sockaddr: Uint8Array): MulticastGroup | null {
  return owner.groups.find((each) => equalBytes(each.sockaddr, sockaddr)) ?? null;
}

function drop(owner: Interface, group: MulticastGroup): void {
  owner.groups.splice(owner.groups.indexOf(group), 1);
}

/** The group in which neighbours are asked for an IPv6 address (RFC 4291, section 2.7.1). */
export function solicitedNode(bytes: Uint8Array): Uint8Array {
  return Uint8Array.of(0xff, 2, ...new Array<number>(9).fill(0), 1, 0xff, ...bytes.slice(13));
}
