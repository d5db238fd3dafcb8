import { parseIpAddress } from "../../src/network/address.ts";
import type { Packet } from "../../src/network/packet.ts";
import type { Prefix } from "../../src/network/prefix.ts";
import type {
  CoveringRoute,
  RouteWay,
  RoutingLink,
  RoutingRule,
} from "../../src/platform/route-inquiry.ts";

/** `10.0.0.0/8` as a prefix. */
export function prefix(text: string): Prefix {
  const [address = "", length] = text.split("/");
  const bytes = parseIpAddress(address);
  if (bytes === null) throw new Error(`${text} is no prefix`);
  return { text, bytes, length: Number(length ?? bytes.length * 8) };
}

/** A way over an interface that works. */
export function way(interfaceIndex: number, gateway: string | null = null): RouteWay {
  return { gateway, interfaceIndex, weight: 1, onlink: false, linkdown: false, dead: false };
}

/** A unicast route of main over interface 2. */
export function route(text: string, changes: Partial<CoveringRoute> = {}): CoveringRoute {
  return {
    table: 254,
    prefix: prefix(text),
    sourcePrefix: null,
    type: "unicast",
    metric: 0,
    tos: 0,
    protocol: "static",
    source: null,
    pref: text.includes(":") ? "medium" : null,
    expired: false,
    nexthopId: null,
    scope: null,
    isHost: false,
    ways: [way(2)],
    ...changes,
  };
}

/** A rule that sends everything to main. */
export function rule(preference: number, changes: Partial<RoutingRule> = {}): RoutingRule {
  return {
    preference,
    inverted: false,
    source: null,
    destination: null,
    arrivesOn: null,
    boundTo: null,
    mark: null,
    uids: null,
    tos: null,
    protocol: null,
    sourcePorts: null,
    destinationPorts: null,
    action: { kind: "lookup", table: 254 },
    suppressPrefixLength: null,
    suppressGroup: null,
    protocolName: null,
    owner: null,
    unknown: [],
    ...changes,
  };
}

/** An interface that is up; index 1 is the loopback interface. */
export function link(index: number, changes: Partial<RoutingLink> = {}): RoutingLink {
  return {
    index,
    name: index === 1 ? "lo" : `eth${index}`,
    kind: index === 1 ? "loopback" : "physical",
    mac: null,
    mtu: 1500,
    up: true,
    carrier: true,
    operState: "up",
    addresses: [],
    group: 0,
    hasNeighbours: index !== 1,
    vrf: null,
    tunnelTo: null,
    ...changes,
  };
}

export function links(...all: readonly RoutingLink[]): ReadonlyMap<number, RoutingLink> {
  return new Map([link(1), link(2), link(3), ...all].map((one) => [one.index, one]));
}

/** A UDP packet of root's, without anything special. */
export function packet(destination: string, changes: Partial<Packet> = {}): Packet {
  return {
    family: destination.includes(":") ? "ipv6" : "ipv4",
    destination,
    source: null,
    boundTo: null,
    arrivesOn: null,
    mark: 0,
    uid: 0,
    tos: 0,
    protocol: 17,
    sourcePort: null,
    destinationPort: null,
    ...changes,
  };
}
