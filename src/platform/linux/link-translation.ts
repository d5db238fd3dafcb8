import type {
  AddressFlag,
  AddressScope,
  InterfaceAddress,
  InterfaceKind,
  NetworkInterface,
  OperationalState,
} from "../../network/interface.ts";
import type { AddressMessage } from "../../wire/netlink/address.ts";
import * as ifa from "../../wire/netlink/address-constants.ts";
import type { LinkMessage } from "../../wire/netlink/link.ts";
import { ARPHRD_LOOPBACK, IFF_LOWER_UP, IFF_UP } from "../../wire/netlink/link-constants.ts";
import { AF_INET, AF_INET6 } from "../../wire/netlink/message-constants.ts";
import {
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_SITE,
} from "../../wire/netlink/route-constants.ts";
import { addressText } from "./route-translation.ts";

// IF_OPER_* (linux/if.h), by number.
const operStates: readonly OperationalState[] = [
  "unknown",
  "not-present",
  "down",
  "lower-layer-down",
  "testing",
  "dormant",
  "up",
];

const scopes: ReadonlyMap<number, AddressScope> = new Map([
  [RT_SCOPE_SITE, "site"],
  [RT_SCOPE_LINK, "link"],
  [RT_SCOPE_HOST, "host"],
  [RT_SCOPE_NOWHERE, "nowhere"],
]);

/** A link message and the addresses of its interface, as an interface. */
export function translateLink(
  message: LinkMessage,
  kind: InterfaceKind,
  addresses: readonly InterfaceAddress[],
): NetworkInterface {
  return {
    index: message.index,
    name: message.ifname ?? `if${message.index}`,
    kind,
    mac: macOf(message),
    mtu: message.mtu ?? 0,
    up: (message.flags & IFF_UP) !== 0,
    carrier: (message.flags & IFF_LOWER_UP) !== 0,
    operState: operStates[message.operstate ?? 0] ?? "unknown",
    addresses,
  };
}

/**
 * An address message as an address, or null when it belongs to another family than the two.
 *
 * @throws DecodeError when an address has a length that no family has
 */
export function translateAddress(message: AddressMessage, nowMs: number): InterfaceAddress | null {
  if (message.family !== AF_INET && message.family !== AF_INET6) return null;
  // IFA_LOCAL is ours and IFA_ADDRESS the peer's; IPv6 without a peer has IFA_ADDRESS alone (rtnetlink(7)).
  const own = message.local ?? message.address;
  if (own === null) return null;
  const address = addressText(own);
  const other = message.address === null ? address : addressText(message.address);
  return {
    family: message.family === AF_INET ? "ipv4" : "ipv6",
    address,
    prefixLength: message.prefixLength,
    scope: scopes.get(message.scope) ?? "global",
    flags: addressFlagsOf(message),
    peer: other === address ? null : other,
    validUntil: endOf(message.cacheinfo?.valid, nowMs),
    preferredUntil: endOf(message.cacheinfo?.prefered, nowMs),
  };
}

function macOf(message: LinkMessage): string | null {
  if (message.type === ARPHRD_LOOPBACK || message.address?.length !== 6) return null;
  return Array.from(message.address, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

function addressFlagsOf({ family, flags }: AddressMessage): readonly AddressFlag[] {
  const found: AddressFlag[] = [];
  if ((flags & ifa.IFA_F_TENTATIVE) !== 0) found.push("tentative");
  if ((flags & ifa.IFA_F_DEPRECATED) !== 0) found.push("deprecated");
  if ((flags & ifa.IFA_F_DADFAILED) !== 0) found.push("duplicate");
  // The same bit says "secondary" of an IPv4 address.
  if (family === AF_INET6 && (flags & ifa.IFA_F_TEMPORARY) !== 0) found.push("temporary");
  if ((flags & ifa.IFA_F_PERMANENT) !== 0) found.push("permanent");
  return found;
}

function endOf(seconds: number | undefined, nowMs: number): number | null {
  return seconds === undefined || seconds === ifa.INFINITY_LIFE_TIME
    ? null
    : nowMs + seconds * 1000;
}
