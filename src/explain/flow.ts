import { type IpFamily, parseIpAddress } from "../network/address.ts";
import type { Packet } from "../network/packet.ts";
import type { RoutingLink } from "../platform/route-inquiry.ts";

/** What rules and tables look at, in the kernel's terms (struct flowi, include/net/flow.h). */
export interface Flow {
  readonly family: IpFamily;
  readonly destination: Uint8Array;
  /** Zeros while there is none: IPv4 compares them, IPv6 does not. */
  readonly source: Uint8Array;
  readonly hasSource: boolean;
  /** 1, the loopback interface, for packets of this host's own. */
  readonly incoming: number;
  /** 0 for a socket that is not bound. */
  readonly outgoing: number;
  readonly mark: number;
  readonly uid: number;
  readonly tos: number;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** The VRF of the interface that the packet is bound to or came in by. */
  readonly vrf: { readonly index: number; readonly table: number } | null;
  /** IPv6: an interface that a route should leave by, and whether it has to. */
  readonly preferred: number;
  readonly strict: boolean;
}

/** LOOPBACK_IFINDEX (net/flow.h). */
export const loopbackIndex = 1;

/** INVALID_UID (linux/uidgid.h): what a packet has that belongs to no socket, in IPv6. */
const nobody = 0xffff_ffff;

/**
 * The flow of a packet.
 *
 * @param held whether a packet of a bound socket must leave by its interface; asking the kernel by RTM_GETROUTE holds
 * an IPv6 packet that has a source address already only loosely (ip6_route_output_flags, net/ipv6/route.c)
 */
export function flowOf(
  packet: Packet,
  links: ReadonlyMap<number, RoutingLink>,
  held: "as-socket" | "as-asked",
): Flow {
  const { family, boundTo, arrivesOn } = packet;
  const destination = bytesOf(packet.destination, family);
  const source = packet.source === null ? null : bytesOf(packet.source, family);
  const hasSource = source?.some((byte) => byte !== 0) ?? false;
  const vrf = links.get(boundTo ?? arrivesOn ?? 0)?.vrf ?? null;
  // l3mdev_update_flow() (net/l3mdev/l3mdev.c): being bound to a VRF itself selects its table, not an interface.
  const isVrf = vrf !== null && vrf.index === boundTo;
  const outgoing = boundTo === null || isVrf ? 0 : boundTo;
  const bound = outgoing !== 0 && (held === "as-socket" || !hasSource);
  return {
    family,
    destination,
    source: source ?? new Uint8Array(destination.length),
    hasSource,
    incoming: arrivesOn ?? loopbackIndex,
    outgoing,
    mark: packet.mark,
    uid: uidOf(packet),
    tos: packet.tos,
    protocol: packet.protocol,
    sourcePort: packet.sourcePort ?? 0,
    destinationPort: packet.destinationPort ?? 0,
    vrf,
    preferred: arrivesOn ?? outgoing,
    strict: bound || needsInterface(destination),
  };
}

/** The flow by which the kernel checks where an answer may come from (fib_validate_source, net/ipv4/fib_frontend.c). */
export function reverseFlow(
  packet: Packet,
  source: string,
  arrivesOn: RoutingLink | undefined,
  marks: boolean,
): Flow {
  return {
    family: "ipv4",
    destination: bytesOf(packet.destination, "ipv4"),
    source: bytesOf(source, "ipv4"),
    hasSource: true,
    incoming: loopbackIndex,
    outgoing: 0,
    mark: marks ? packet.mark : 0,
    uid: 0,
    tos: packet.tos,
    protocol: packet.protocol,
    sourcePort: packet.sourcePort ?? 0,
    destinationPort: packet.destinationPort ?? 0,
    vrf: arrivesOn?.vrf ?? null,
    preferred: 0,
    strict: false,
  };
}

// What passes through has the uid of the namespace's root in IPv4 (ip_route_input_slow), and none in IPv6.
function uidOf({ family, arrivesOn, uid }: Packet): number {
  if (arrivesOn === null) return uid;
  return family === "ipv4" ? 0 : nobody;
}

// rt6_need_strict() (net/ipv6/route.c): multicast and link-local destinations mean something on one link only.
function needsInterface(destination: Uint8Array): boolean {
  if (destination.length !== 16) return false;
  const [first = 0, second = 0] = destination;
  const loopback = destination.subarray(0, 15).every((byte) => byte === 0) && destination[15] === 1;
  return first === 0xff || (first === 0xfe && (second & 0xc0) === 0x80) || loopback;
}

function bytesOf(address: string, family: IpFamily): Uint8Array {
  return parseIpAddress(address) ?? new Uint8Array(family === "ipv4" ? 4 : 16);
}
