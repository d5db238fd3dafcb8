import { type IpFamily, parseIpAddress } from "../../network/address.ts";
import type { InterfaceAddress, NetworkInterface } from "../../network/interface.ts";
import type { DefaultRoute } from "../../network/route.ts";
import { type Leg, legsOf } from "./default-identity.ts";

/** What a default stands on: links that are up and addresses that reach its gateways. */
export interface Footing {
  /** Every interface is there, up and with carrier. */
  readonly link: boolean;
  /** Every gateway is on-link of an address that the interface has now. */
  readonly address: boolean;
  /** The address that the route sends from, if it names one, is there too. */
  readonly source: boolean;
}

/** @param route with the interfaces' indexes of now */
export function footingOf(
  route: DefaultRoute,
  interfaces: ReadonlyMap<number, NetworkInterface>,
): Footing {
  const legs = legsOf(route).map((leg) => ({ leg, over: interfaces.get(leg.interfaceIndex) }));
  const sources = [...interfaces.values()].flatMap(({ addresses }) => addresses);
  return {
    link: legs.every(({ over }) => over?.up === true && over.carrier),
    address: legs.every(
      ({ leg, over }) => over !== undefined && isOnLink(leg, route.family, over.addresses),
    ),
    source: route.source === null || sources.some(({ address }) => address === route.source),
  };
}

function isOnLink(leg: Leg, family: IpFamily, addresses: readonly InterfaceAddress[]): boolean {
  const { gateway } = leg;
  // An IPv4 default may have an IPv6 gateway (RFC 5549): what counts is the gateway's own family.
  const reachedBy = gateway === null ? family : gateway.includes(":") ? "ipv6" : "ipv4";
  const usable = addresses.filter(
    ({ family: own, flags }) =>
      own === reachedBy && !flags.includes("tentative") && !flags.includes("duplicate"),
  );
  if (gateway === null || leg.onlink || isLinkLocal(gateway)) return usable.length > 0;
  return usable.some(
    ({ address, peer, prefixLength }) =>
      isWithin(gateway, address, prefixLength) ||
      (peer !== null && isWithin(gateway, peer, prefixLength)),
  );
}

/** fe80::/10, RFC 4291 section 2.4: on-link wherever the interface speaks IPv6 at all. */
function isLinkLocal(address: string): boolean {
  return address.includes(":") && isWithin(address, "fe80::", 10);
}

function isWithin(address: string, prefix: string, length: number): boolean {
  const one = parseIpAddress(address);
  const other = parseIpAddress(prefix);
  if (one === null || other === null || one.length !== other.length) return false;
  return one.every((byte, at) => {
    const bits = Math.max(0, Math.min(8, length - at * 8));
    const mask = (0xff00 >> bits) & 0xff;
    return (byte & mask) === ((other[at] ?? 0) & mask);
  });
}
