import { parseIpAddress } from "../../network/address.ts";
import type { Packet } from "../../network/packet.ts";
import type { CoveringRoute, KernelAnswer } from "../../platform/route-inquiry.ts";
import {
  encodeGetRouteLookup,
  encodeGetRoutePath,
  type RouteLookup,
} from "../../wire/netlink/request.ts";
import { decodeRoute } from "../../wire/netlink/route.ts";
import { translateCovering, type WaysOfNexthop } from "./covering-routes.ts";
import { KernelError } from "./kernel-error.ts";
import { type Requester, refused } from "./requester.ts";
import { addressText, gatewayText } from "./route-translation.ts";
import { routeTypeOf } from "./route-words.ts";

/** What the kernel says when nothing takes the packet; anything else means that it did not like the question. */
const refusals = new Set([
  "ENETUNREACH",
  "EHOSTUNREACH",
  "EACCES",
  "EINVAL",
  "ESRCH",
  "EAGAIN",
  "EXDEV",
]);

/**
 * Asks the kernel how a packet would leave, and by which entry of which table.
 *
 * @throws PlatformError when the kernel did not understand
 */
export function askKernel(
  requester: Requester,
  waysOf: WaysOfNexthop,
  packet: Packet,
): KernelAnswer {
  const action = `ask for the route to ${packet.destination}`;
  const lookup = lookupOf(packet);
  const path = requester.ask(action, (seq) => encodeGetRoutePath(seq, lookup), decodeRoute);
  if (path instanceof KernelError) {
    // With an explanation, EINVAL is about the question; without one it is a route's or a rule's own.
    if (refusals.has(path.code) && !(path.code === "EINVAL" && path.explained))
      return { kind: "refused", code: path.code, message: path.message };
    throw refused(action, path);
  }
  return {
    kind: "route",
    type: routeTypeOf(path.type),
    interfaceIndex: path.oif,
    gateway: gatewayText(path.gateway, path.via),
    source: path.prefsrc === null ? null : addressText(path.prefsrc),
    table: path.table === 0 ? null : path.table,
    entry: askEntry(requester, waysOf, lookup, action),
  };
}

function askEntry(
  requester: Requester,
  waysOf: WaysOfNexthop,
  lookup: RouteLookup,
  action: string,
): CoveringRoute | null {
  const entry = requester.ask(action, (seq) => encodeGetRouteLookup(seq, lookup), decodeRoute);
  // In IPv4 a destination that is only taken to be on the link has no entry.
  if (entry instanceof KernelError) return null;
  return translateCovering(entry, waysOf);
}

function lookupOf(packet: Packet): RouteLookup {
  const { boundTo, arrivesOn, sourcePort, destinationPort } = packet;
  const source = packet.source === null ? null : parseIpAddress(packet.source);
  return {
    dst: parseIpAddress(packet.destination) ?? new Uint8Array(4),
    ...(source === null ? {} : { src: source }),
    ...(boundTo === null ? {} : { oif: boundTo }),
    // What only passes through belongs to no user.
    ...(arrivesOn === null ? { uid: packet.uid } : { iif: arrivesOn }),
    mark: packet.mark,
    tos: packet.tos,
    ipProto: packet.protocol,
    ...(sourcePort === null ? {} : { sport: sourcePort }),
    ...(destinationPort === null ? {} : { dport: destinationPort }),
  };
}
