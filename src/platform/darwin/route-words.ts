import { type IpFamily, parseIpAddress } from "../../network/address.ts";
import { EncodeError } from "../../wire/pfroute/encode-error.ts";
import type { RequestGateway } from "../../wire/pfroute/request.ts";
import { embedsScope } from "../../wire/pfroute/sockaddr.ts";
import type { RouteQuestion } from "./route-requester.ts";

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

function addressOf(text: string): Uint8Array {
  const address = parseIpAddress(text);
  if (address === null) throw new EncodeError("bad-address", `"${text}" is no address`);
  return address;
}
