import { AF, RTAX, RTF, RTM, RTV } from "./constants.ts";
import { EncodeError } from "./encode-error.ts";
import type { RouteLayout, RoutingFormat } from "./format.ts";
import { encodeNetmask } from "./netmask.ts";
import { embedsScope, encodeInet, encodeInet6, encodeLink } from "./sockaddr.ts";
import { paddedLength } from "./sockaddr-list.ts";

/** Where a route leads: a prefix, or a single address to ask for. */
interface RequestDestination {
  readonly family: "inet" | "inet6";
  /** 4 or 16 bytes, without an embedded scope. */
  readonly address: Uint8Array;
  /** Null for one address: a host route, or an RTM_GET without a mask. */
  readonly prefixLength: number | null;
}

/** By whom a route goes. */
export type RequestGateway =
  | { readonly kind: "inet"; readonly address: Uint8Array }
  /** `interfaceIndex` is needed for a link-local address, and 0 for any other. */
  | { readonly kind: "inet6"; readonly address: Uint8Array; readonly interfaceIndex: number }
  | { readonly kind: "link"; readonly interfaceIndex: number };

/**
 * The flags that a request may carry, by their kernel names. RTF_IFSCOPE is not among them: it follows from
 * the scope. Nor is RTF_DEAD: an RTM_ADD with it panics XNU.
 */
export type RequestFlag =
  | "UP"
  | "GATEWAY"
  | "HOST"
  | "STATIC"
  | "REJECT"
  | "BLACKHOLE"
  | "PROTO1"
  | "PROTO2"
  | "PROTO3";

/** What the routing socket is asked to do. */
export interface RouteRequest {
  readonly action: "ADD" | "DELETE" | "CHANGE" | "GET";
  readonly destination: RequestDestination;
  /** A DELETE compares destination, mask and scope only: its gateway is never looked at. */
  readonly gateway: RequestGateway | null;
  /** The interface whose scoped route is meant, or null for the unscoped one. */
  readonly scope: number | null;
  readonly flags: readonly RequestFlag[];
  /** Null leaves the kernel's choice. */
  readonly mtu: number | null;
  /** Asks that the answer name the interface and its address (RTA_IFP, RTA_IFA). */
  readonly withInterface: boolean;
  /** The kernel overwrites it with the sender's before it answers. */
  readonly pid: number;
  /** Comes back in the answer. */
  readonly seq: number;
}

const allowedFlags: ReadonlyMap<string, number> = new Map([
  ["UP", RTF.UP],
  ["GATEWAY", RTF.GATEWAY],
  ["HOST", RTF.HOST],
  ["STATIC", RTF.STATIC],
  ["REJECT", RTF.REJECT],
  ["BLACKHOLE", RTF.BLACKHOLE],
  ["PROTO1", RTF.PROTO1],
  ["PROTO2", RTF.PROTO2],
  ["PROTO3", RTF.PROTO3],
]);

/**
 * Writes a request.
 *
 * @throws EncodeError when the kernel would do something else than the request says
 */
export function encodeRequest(request: RouteRequest, format: RoutingFormat): Uint8Array {
  const type = RTM[request.action];
  const layout = format.layouts.get(type);
  if (layout?.kind !== "route")
    throw new RangeError(`the format has no layout for RTM_${request.action}`);
  if (request.action === "ADD" && request.gateway === null)
    throw new EncodeError("no-gateway", "cannot add a route: it names no gateway");
  const sockaddrs = encodeSockaddrs(request);
  const length = [...sockaddrs.values()].reduce(
    (sum, bytes) => sum + paddedLength(bytes.length, format.sockaddrAlignment),
    layout.headerLength,
  );
  const message = new Uint8Array(length);
  const view = new DataView(message.buffer);
  view.setUint16(0, length, true);
  view.setUint8(2, format.version);
  view.setUint8(3, type);
  writeHeader(view, layout, request, [...sockaddrs.keys()]);
  let at = layout.headerLength;
  for (const bytes of sockaddrs.values()) {
    message.set(bytes, at);
    at += paddedLength(bytes.length, format.sockaddrAlignment);
  }
  return message;
}

function writeHeader(
  view: DataView,
  layout: RouteLayout,
  request: RouteRequest,
  places: readonly number[],
): void {
  let flags = request.flags.reduce((sum, flag) => sum | flagBit(flag), 0);
  if (request.scope !== null) {
    checkIndex(request.scope, "a scope");
    view.setUint16(layout.index, request.scope, true);
    flags |= RTF.IFSCOPE;
  }
  view.setUint32(layout.flags, flags, true);
  view.setInt32(
    layout.addrs,
    places.reduce((sum, place) => sum | (1 << place), 0),
    true,
  );
  if (layout.pid !== null) view.setInt32(layout.pid, request.pid, true);
  if (layout.seq !== null) view.setInt32(layout.seq, request.seq, true);
  if (request.mtu === null) return;
  view.setUint32(layout.inits, RTV.MTU, true);
  view.setUint32(layout.mtu, request.mtu, true);
}

function flagBit(flag: RequestFlag): number {
  const bit = allowedFlags.get(flag);
  if (bit === undefined)
    throw new EncodeError("forbidden-flag", `cannot send the flag RTF_${flag}`);
  return bit;
}

/** In the order of their places, which is that of the message. */
function encodeSockaddrs(request: RouteRequest): ReadonlyMap<number, Uint8Array> {
  const { destination, gateway } = request;
  const { family, address, prefixLength } = destination;
  const sockaddrs = new Map<number, Uint8Array>();
  checkDestination(destination, request.action === "GET" || request.flags.includes("HOST"));
  sockaddrs.set(RTAX.DST, family === "inet" ? encodeInet(address) : encodeInet6(address, 0));
  if (gateway !== null) sockaddrs.set(RTAX.GATEWAY, encodeGateway(gateway, family));
  if (prefixLength !== null)
    sockaddrs.set(
      RTAX.NETMASK,
      encodeNetmask(family === "inet" ? AF.INET : AF.INET6, prefixLength),
    );
  if (request.withInterface) sockaddrs.set(RTAX.IFP, encodeLink(0));
  return sockaddrs;
}

function checkDestination(destination: RequestDestination, single: boolean): void {
  const { family, address, prefixLength } = destination;
  const length = family === "inet" ? 4 : 16;
  if (address.length !== length)
    throw new EncodeError(
      "bad-address",
      `an ${family} address has ${length} bytes, not ${address.length}`,
    );
  if (prefixLength === null) {
    if (single) return;
    throw new EncodeError("bad-address", "cannot name a network route without its prefix length");
  }
  if (!Number.isInteger(prefixLength) || prefixLength < 0 || prefixLength > length * 8)
    throw new EncodeError("bad-address", `${prefixLength} is no prefix length of ${family}`);
  for (let bit = prefixLength; bit < length * 8; bit += 1)
    if (((address[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0)
      throw new EncodeError(
        "bits-beyond-prefix",
        `cannot name a route of prefix length ${prefixLength}: its destination has bits beyond it`,
      );
}

function encodeGateway(gateway: RequestGateway, family: "inet" | "inet6"): Uint8Array {
  if (gateway.kind === "link") {
    checkIndex(gateway.interfaceIndex, "a link gateway");
    return encodeLink(gateway.interfaceIndex);
  }
  const length = gateway.kind === "inet" ? 4 : 16;
  if (gateway.kind !== family || gateway.address.length !== length)
    throw new EncodeError(
      "bad-address",
      `${gateway.address.length} bytes are no gateway of ${family}`,
    );
  if (gateway.kind === "inet") return encodeInet(gateway.address);
  if (!embedsScope(gateway.address)) {
    if (gateway.interfaceIndex === 0) return encodeInet6(gateway.address, 0);
    throw new EncodeError("bad-address", "only a link-local gateway is on an interface of its own");
  }
  if (gateway.interfaceIndex === 0)
    throw new EncodeError(
      "unscoped-gateway",
      "cannot send a link-local gateway without the interface that it is on",
    );
  checkIndex(gateway.interfaceIndex, "a link-local gateway");
  if (gateway.address[2] !== 0 || gateway.address[3] !== 0)
    throw new EncodeError("bad-address", "a link-local gateway carries a scope of its own already");
  return encodeInet6(gateway.address, gateway.interfaceIndex);
}

function checkIndex(index: number, what: string): void {
  if (!Number.isInteger(index) || index < 1 || index > 0xffff)
    throw new EncodeError("bad-index", `${index} is no interface index for ${what}`);
}
