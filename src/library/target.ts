import { isIP } from "node:net";
import { type IpFamily, parseIpAddress } from "../network/address.ts";
import type { InternetAddress } from "../platform/internet-socket.ts";
import { NetwatchError } from "./netwatch-error.ts";
import type { Surroundings } from "./surroundings.ts";

/** An address as it was given, and the interface that it names itself: `fe80::1%eth0` (RFC 4007, section 11). */
export interface Target {
  readonly family: IpFamily;
  /** Without the zone. */
  readonly address: string;
  readonly zone: string | null;
}

/**
 * The addresses of a host in the order of the answer, of these families alone. Names are resolved by the system, whose
 * own packets are not bound.
 *
 * @throws NetwatchError "no-address"; the resolver's own error
 */
export async function resolveTargets(
  host: string,
  families: readonly IpFamily[],
  action: string,
  resolve: Surroundings["resolve"],
): Promise<readonly [Target, ...Target[]]> {
  const literal = parseTarget(host);
  const found = literal === null ? (await resolve(host)).map(answerTarget) : [literal];
  const [first, ...rest] = found.filter(({ family }) => families.includes(family));
  if (first !== undefined) return [first, ...rest];
  const why = `${host} has no ${families.join(" or ")} address`;
  throw new NetwatchError("no-address", action, why);
}

/** The target that a literal address is, or null for a name. */
export function parseTarget(host: string): Target | null {
  const [address = "", zone = null] = host.split("%", 2);
  const version = isIP(address);
  if (version === 0 || (version === 4 && zone !== null)) return null;
  return { family: version === 4 ? "ipv4" : "ipv6", address, zone: zone === "" ? null : zone };
}

/** The address in the form that sockets take; a link-local one means nothing without its interface. */
export function socketAddress(
  { family, address }: Target,
  port: number,
  interfaceIndex: number,
): InternetAddress {
  const bytes = parseIpAddress(address) ?? new Uint8Array(family === "ipv4" ? 4 : 16);
  return { family, bytes, port, scopeId: isLinkLocal(bytes) ? interfaceIndex : 0 };
}

/** The address in text, with the zone that a link-local one needs. */
export function zonedAddress({ address }: Target, interfaceName: string | null): string {
  const bytes = parseIpAddress(address);
  const needsZone = interfaceName !== null && bytes !== null && isLinkLocal(bytes);
  return needsZone ? `${address}%${interfaceName}` : address;
}

/** fe80::/10 (RFC 4291, section 2.5.6). */
function isLinkLocal(bytes: Uint8Array): boolean {
  return bytes.length === 16 && bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80;
}

function answerTarget(address: string): Target {
  const target = parseTarget(address);
  if (target === null) throw new RangeError(`the resolver's answer ${address} is no address`);
  return target;
}
