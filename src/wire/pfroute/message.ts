import { DecodeError } from "../decode-error.ts";
import { RTAX, RTF } from "./constants.ts";
import type {
  AddressLayout,
  InterfaceLayout,
  MulticastLayout,
  RouteLayout,
  RoutingFormat,
} from "./format.ts";
import { netmaskPrefixLength } from "./netmask.ts";
import { decodeSockaddr, type Sockaddr } from "./sockaddr.ts";
import { type SockaddrSlots, splitSockaddrs } from "./sockaddr-list.ts";

/** rt_msghdr and rt_msghdr2: a request, an answer to one, a change, or an entry of a dump. */
export interface RouteMessage {
  readonly kind: "route";
  /** RTM_*. */
  readonly type: number;
  /** The interface of the route; in an echoed ADD or CHANGE whatever the sender wrote. */
  readonly index: number;
  /** RTF_*. */
  readonly flags: number;
  /** Who asked: 0 for the kernel itself; null in a dump. */
  readonly pid: number | null;
  readonly seq: number | null;
  readonly errno: number | null;
  /** Null outside NET_RT_DUMP2, as `parentFlags`. */
  readonly referenceCount: number | null;
  readonly parentFlags: number | null;
  readonly use: number;
  readonly inits: number;
  readonly mtu: number;
  /** Seconds since the epoch, 0 for never. */
  readonly expire: number;
  readonly dst: Sockaddr | null;
  readonly gateway: Sockaddr | null;
  /** Raw: what it means depends on the family of `dst`. */
  readonly netmask: Uint8Array | null;
  /** From the mask, or the whole address for a host route; null when neither says so. */
  readonly prefixLength: number | null;
  readonly ifp: Sockaddr | null;
  readonly ifa: Sockaddr | null;
}

/** if_msghdr and if_msghdr2. On a socket it carries no sockaddr at all. */
interface InterfaceMessage {
  readonly kind: "interface";
  readonly type: number;
  readonly index: number;
  /** IFF_*. */
  readonly flags: number;
  /** IFT_*. */
  readonly interfaceType: number;
  readonly mtu: number;
  readonly ifp: Sockaddr | null;
}

/** ifa_msghdr. */
interface AddressMessage {
  readonly kind: "address";
  readonly type: number;
  readonly index: number;
  readonly flags: number;
  readonly metric: number;
  readonly ifp: Sockaddr | null;
  readonly ifa: Sockaddr | null;
  readonly prefixLength: number | null;
  /** The broadcast address, or the other end of a point-to-point link. */
  readonly brd: Sockaddr | null;
}

/** ifma_msghdr and ifma_msghdr2. */
interface MulticastMessage {
  readonly kind: "multicast";
  readonly type: number;
  readonly index: number;
  readonly gateway: Sockaddr | null;
  readonly ifp: Sockaddr | null;
  readonly ifa: Sockaddr | null;
}

/** A message of a type that the format does not list: kept whole, for counting. */
interface UnknownMessage {
  readonly kind: "unknown";
  readonly type: number;
  readonly bytes: Uint8Array;
}

export type RoutingMessage =
  | RouteMessage
  | InterfaceMessage
  | AddressMessage
  | MulticastMessage
  | UnknownMessage;

const commonHeaderLength = 4;

/**
 * The type of a datagram (RTM_*) without reading the rest, so that what nobody listens to costs nothing; null
 * when there is none.
 */
export function peekMessageType(datagram: Uint8Array): number | null {
  return datagram[3] ?? null;
}

/**
 * Reads one datagram of a routing socket.
 *
 * @throws DecodeError: `length-mismatch` when the datagram's length is not its `rtm_msglen`. Only such a
 *   datagram can be an unprivileged process's forgery that shows neither its pid nor an errno: drop it.
 */
export function decodeDatagram(datagram: Uint8Array, format: RoutingFormat): RoutingMessage {
  if (datagram.length < commonHeaderLength)
    throw new DecodeError(
      "truncated",
      `cannot read a routing message: ${datagram.length} bytes hold no header`,
    );
  const stated = (datagram[0] ?? 0) | ((datagram[1] ?? 0) << 8);
  if (stated !== datagram.length)
    throw new DecodeError(
      "length-mismatch",
      `cannot trust a routing message: it says ${stated} bytes and has ${datagram.length}`,
    );
  return decodeMessage(datagram, format);
}

/**
 * Reads one message whose bytes are known to be all of it.
 *
 * @throws DecodeError
 */
export function decodeMessage(message: Uint8Array, format: RoutingFormat): RoutingMessage {
  if (message.length < commonHeaderLength)
    throw new DecodeError(
      "truncated",
      `cannot read a routing message: ${message.length} bytes hold no header`,
    );
  const [, , version = 0, type = 0] = message;
  if (version !== format.version)
    throw new DecodeError(
      "malformed",
      `cannot read a routing message: its version is ${version}, not ${format.version}`,
    );
  const layout = format.layouts.get(type);
  if (layout === undefined) return { kind: "unknown", type, bytes: message };
  if (message.length < layout.headerLength)
    throw new DecodeError(
      "truncated",
      `cannot read a routing message of type ${type}: ${message.length} bytes, its header has ${layout.headerLength}`,
    );
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const slots = splitSockaddrs(
    message,
    layout.headerLength,
    view.getInt32(layout.addrs, true),
    format.sockaddrAlignment,
  );
  switch (layout.kind) {
    case "route":
      return decodeRoute(type, view, layout, slots);
    case "interface":
      return decodeInterface(type, view, layout, slots);
    case "address":
      return decodeAddress(type, view, layout, slots);
    case "multicast":
      return decodeMulticast(type, view, layout, slots);
    default:
      return layout satisfies never;
  }
}

function decodeRoute(
  type: number,
  view: DataView,
  layout: RouteLayout,
  slots: SockaddrSlots,
): RouteMessage {
  const optional = (offset: number | null): number | null =>
    offset === null ? null : view.getInt32(offset, true);
  const flags = view.getUint32(layout.flags, true);
  const netmask = slots[RTAX.NETMASK] ?? null;
  const destination = slots[RTAX.DST] ?? null;
  return {
    kind: "route",
    type,
    index: view.getUint16(layout.index, true),
    flags,
    pid: optional(layout.pid),
    seq: optional(layout.seq),
    errno: optional(layout.errno),
    referenceCount: optional(layout.referenceCount),
    parentFlags: optional(layout.parentFlags),
    use: view.getInt32(layout.use, true),
    inits: view.getUint32(layout.inits, true),
    mtu: view.getUint32(layout.mtu, true),
    expire: view.getInt32(layout.expire, true),
    dst: at(slots, RTAX.DST),
    gateway: at(slots, RTAX.GATEWAY),
    netmask,
    prefixLength: prefixOf(destination, netmask, (flags & RTF.HOST) !== 0),
    ifp: at(slots, RTAX.IFP),
    ifa: at(slots, RTAX.IFA),
  };
}

function decodeInterface(
  type: number,
  view: DataView,
  layout: InterfaceLayout,
  slots: SockaddrSlots,
): InterfaceMessage {
  return {
    kind: "interface",
    type,
    index: view.getUint16(layout.index, true),
    flags: view.getUint32(layout.flags, true),
    interfaceType: view.getUint8(layout.interfaceType),
    mtu: view.getUint32(layout.mtu, true),
    ifp: at(slots, RTAX.IFP),
  };
}

function decodeAddress(
  type: number,
  view: DataView,
  layout: AddressLayout,
  slots: SockaddrSlots,
): AddressMessage {
  return {
    kind: "address",
    type,
    index: view.getUint16(layout.index, true),
    flags: view.getUint32(layout.flags, true),
    metric: view.getInt32(layout.metric, true),
    ifp: at(slots, RTAX.IFP),
    ifa: at(slots, RTAX.IFA),
    prefixLength: prefixOf(slots[RTAX.IFA] ?? null, slots[RTAX.NETMASK] ?? null, false),
    brd: at(slots, RTAX.BRD),
  };
}

function decodeMulticast(
  type: number,
  view: DataView,
  layout: MulticastLayout,
  slots: SockaddrSlots,
): MulticastMessage {
  return {
    kind: "multicast",
    type,
    index: view.getUint16(layout.index, true),
    gateway: at(slots, RTAX.GATEWAY),
    ifp: at(slots, RTAX.IFP),
    ifa: at(slots, RTAX.IFA),
  };
}

function at(slots: SockaddrSlots, place: number): Sockaddr | null {
  const bytes = slots[place] ?? null;
  return bytes === null ? null : decodeSockaddr(bytes);
}

function prefixOf(
  address: Uint8Array | null,
  netmask: Uint8Array | null,
  host: boolean,
): number | null {
  const sockaddr = address === null ? null : decodeSockaddr(address);
  if (address === null || (sockaddr?.kind !== "inet" && sockaddr?.kind !== "inet6")) return null;
  if (netmask !== null) return netmaskPrefixLength(netmask, address[1] ?? 0);
  return host ? sockaddr.address.length * 8 : null;
}
