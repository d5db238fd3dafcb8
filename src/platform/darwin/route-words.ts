import { type IpFamily, parseIpAddress } from "../../network/address.ts";
import { RTF } from "../../wire/pfroute/constants.ts";
import { EncodeError } from "../../wire/pfroute/encode-error.ts";
import type { RouteMessage } from "../../wire/pfroute/message.ts";
import type { RequestGateway } from "../../wire/pfroute/request.ts";
import { embedsScope } from "../../wire/pfroute/sockaddr.ts";
import type { RouteQuestion } from "./route-requester.ts";
import { textOfSockaddr } from "./route-translation.ts";

/** `0.0.0.0/0`, `128.0.0.0/1` or `::/0` as the destination of a request. @throws EncodeError */
export function destinationOf(prefix: string): RouteQuestion["destination"] {
  const [text = "", length = ""] = prefix.split("/");
  const address = addressOf(text);
  const family = address.length === 4 ? "inet" : "inet6";
  return { family, address, prefixLength: Number(length) };
}

/** `0.0.0.0/0` or `::/0`. */
export function wholePrefix(family: IpFamily): string {
  return family === "ipv4" ? "0.0.0.0/0" : "::/0";
}

/**
 * By whom a route over an interface goes: a neighbour, a link-local one with its interface beside it, or the
 * interface itself (null).
 *
 * @throws EncodeError
 */
export function gatewayOver(gateway: string | null, interfaceIndex: number): RequestGateway {
  if (gateway === null) return { kind: "link", interfaceIndex };
  const address = addressOf(gateway);
  if (address.length === 4) return { kind: "inet", address };
  return { kind: "inet6", address, interfaceIndex: embedsScope(address) ? interfaceIndex : 0 };
}

/** What a maker chose and a request can say again; the other bits are the kernel's own. */
export const makersFlags = ["STATIC", "REJECT", "BLACKHOLE", "PROTO1", "PROTO2", "PROTO3"] as const;

/**
 * The request that makes a route once more as the kernel last showed it; null when that cannot be said.
 *
 * @param scope the interface that it is for, or null for an unscoped one
 */
export function questionAgain(message: RouteMessage, scope: number | null): RouteQuestion | null {
  const { dst, prefixLength, flags, gateway, index } = message;
  if (dst?.kind !== "inet" && dst?.kind !== "inet6") return null;
  const isHost = (flags & RTF.HOST) !== 0;
  const isIndirect = (flags & RTF.GATEWAY) !== 0;
  const neighbour = isIndirect ? textOfSockaddr(gateway) : null;
  if ((isIndirect && neighbour === null) || (!isHost && prefixLength === null)) return null;
  return {
    action: "ADD",
    destination: {
      family: dst.kind,
      address: dst.address,
      prefixLength: isHost ? null : prefixLength,
    },
    gateway: gatewayOver(neighbour, index),
    scope,
    flags: [
      "UP",
      ...(isIndirect ? (["GATEWAY"] as const) : []),
      ...(isHost ? (["HOST"] as const) : []),
      ...makersFlags.filter((flag) => (flags & RTF[flag]) !== 0),
    ],
    mtu: null,
    withInterface: false,
  };
}

/** The bytes of an address. @throws EncodeError */
export function addressOf(text: string): Uint8Array {
  const address = parseIpAddress(text);
  if (address === null) throw new EncodeError("bad-address", `"${text}" is no address`);
  return address;
}
