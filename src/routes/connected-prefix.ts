import { formatIpAddress, type IpFamily, parseIpAddress } from "../network/address.ts";
import type { InterfaceAddress, NetworkInterface } from "../network/interface.ts";

/** The connected prefixes of an interface, `10.0.0.0/24`, each once, sorted: what its addresses make reachable. */
export function connectedPrefixes(link: NetworkInterface, family: IpFamily): readonly string[] {
  const prefixes = link.addresses
    .filter((address) => address.family === family && isConnecting(address))
    .map(({ address, peer, prefixLength }) => prefixOf(peer ?? address, prefixLength));
  return [...new Set(prefixes)].sort();
}

/** Whether the interface reaches a gateway without another one. Link-local IPv6 gateways always are on the link. */
export function isOnLink(gateway: string, link: NetworkInterface, family: IpFamily): boolean {
  if (/^fe[89ab]/i.test(gateway)) return true;
  return connectedPrefixes(link, family).some((prefix) => isWithin(gateway, prefix));
}

/** The interface has a usable address of the family. */
export function hasAddress(link: NetworkInterface, family: IpFamily): boolean {
  return link.addresses.some((address) => address.family === family);
}

/** Whether an address lies in a prefix. */
export function isWithin(address: string, prefix: string): boolean {
  const [network = "", length = "0"] = prefix.split("/");
  const bytes = parseIpAddress(address);
  const base = parseIpAddress(network);
  if (bytes === null || base === null || bytes.length !== base.length) return false;
  const masked = maskBytes(bytes, Number(length));
  return maskBytes(base, Number(length)).every((byte, at) => byte === masked[at]);
}

// A host address of its own makes no neighbour reachable.
function isConnecting({ family, peer, prefixLength }: InterfaceAddress): boolean {
  return peer !== null || prefixLength < (family === "ipv4" ? 32 : 128);
}

function prefixOf(address: string, length: number): string {
  const bytes = parseIpAddress(address);
  return bytes === null
    ? `${address}/${length}`
    : `${formatIpAddress(maskBytes(bytes, length))}/${length}`;
}

function maskBytes(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.map((byte, at) => {
    const bits = Math.min(8, Math.max(0, length - 8 * at));
    return byte & (0xff00 >> bits) & 0xff;
  });
}
