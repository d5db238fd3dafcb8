import { formatIpAddress } from "../../network/address.ts";
import { PlatformError } from "../../platform/platform-error.ts";
import type { AddOutcome, HostRoute } from "../../platform/route-control.ts";
import { EncodeError } from "../../wire/pfroute/encode-error.ts";
import type { RouteMessage } from "../../wire/pfroute/message.ts";
import { readHostRoutes } from "./host-table.ts";
import { readInterface } from "./interface-reading.ts";
import type { RouteQuestion } from "./route-requester.ts";
import { textOfSockaddr } from "./route-translation.ts";
import { addressOf, gatewayOver, questionAgain } from "./route-words.ts";
import { Errno, refused } from "./routing-error.ts";
import type { ScopedChanger } from "./scoped-change.ts";
import { gatewayText, isTagged, type RouteTag } from "./scoped-reading.ts";

/**
 * Adds a route of ours to one address. XNU compares no gateway, so what stands there is read before and after.
 *
 * @throws PlatformError
 */
export async function addHostRoute(
  changer: ScopedChanger,
  host: HostRoute,
  signal: AbortSignal,
): Promise<AddOutcome> {
  const action = `add the route to ${host.destination}`;
  const request = requestOf(host, "ADD", changer.tag);
  checkExpressible(changer, host, action);
  const before = standing(changer, host);
  if (before !== null) return isOurs(before, host, changer.tag) ? "already-there" : "conflict";
  const outcome = await changer.requester.tell(request, signal);
  const errno = outcome.kind === "refused" ? outcome.errno : Errno.OK;
  if (errno !== Errno.OK && errno !== Errno.EEXIST) throw refused(action, errno);
  const after = standing(changer, host);
  if (after !== null && isOurs(after, host, changer.tag))
    return errno === Errno.OK ? "added" : "already-there";
  if (errno === Errno.EEXIST) return "conflict";
  if (after !== null && isTagged(after, changer.tag))
    await changer.requester.tell(requestOf(host, "DELETE", changer.tag), signal);
  const why = after === null ? "it went again" : "it leads another way than asked";
  throw new PlatformError("unreachable", action, new Error(why));
}

/**
 * Takes away exactly this route of ours.
 *
 * @throws PlatformError
 */
export async function removeHostRoute(
  changer: ScopedChanger,
  host: HostRoute,
  signal: AbortSignal,
): Promise<"removed" | "already-gone"> {
  const action = `remove the route to ${host.destination}`;
  const { tag, requester } = changer;
  const before = standing(changer, host);
  if (before === null || !isOurs(before, host, tag)) return "already-gone";
  const outcome = await requester.tell(requestOf(host, "DELETE", tag), signal);
  if (outcome.kind === "refused") {
    if (outcome.errno === Errno.ESRCH) return "already-gone";
    throw refused(action, outcome.errno);
  }
  if (outcome.kind === "answered" && !isTagged(outcome.message, tag)) {
    // Between the reading and the request somebody had put theirs in its place.
    const again = questionAgain(outcome.message, null);
    if (again !== null) await requester.tell(again, signal);
    return "already-gone";
  }
  const after = standing(changer, host);
  if (after === null || !isOurs(after, host, tag)) return "removed";
  throw new PlatformError("rejected", action, new Error("it stands again"));
}

/** A host route in words; null where its destination cannot be said. */
export function hostRouteOf(message: RouteMessage): HostRoute | null {
  const destination = textOfSockaddr(message.dst);
  if (destination === null) return null;
  return {
    family: message.dst?.kind === "inet" ? "ipv4" : "ipv6",
    destination,
    gateway: gatewayText(message),
    interfaceIndex: message.index,
    onlink: false,
  };
}

/** Null where nobody has made a route to that address. */
function standing({ sysctl }: ScopedChanger, host: HostRoute): RouteMessage | null {
  const wanted = formatIpAddress(addressOf(host.destination));
  const found = readHostRoutes(sysctl, host.family);
  return found.find((one) => textOfSockaddr(one.dst) === wanted) ?? null;
}

function isOurs(message: RouteMessage, host: HostRoute, tag: RouteTag): boolean {
  return (
    isTagged(message, tag) &&
    message.index === host.interfaceIndex &&
    gatewayText(message) === host.gateway
  );
}

/** @throws EncodeError */
function requestOf(host: HostRoute, action: "ADD" | "DELETE", tag: RouteTag): RouteQuestion {
  const address = addressOf(host.destination);
  // A request for the host 0.0.0.0 or :: is one word away from one for the default.
  if (address.every((byte) => byte === 0))
    throw new EncodeError("bad-address", `${host.destination} is no address of a host`);
  const way = host.gateway === null ? [] : (["GATEWAY"] as const);
  return {
    action,
    destination: {
      family: host.family === "ipv4" ? "inet" : "inet6",
      address,
      prefixLength: null,
    },
    gateway: action === "DELETE" ? null : gatewayOver(host.gateway, host.interfaceIndex),
    scope: null,
    flags: action === "DELETE" ? ["UP", "HOST"] : ["UP", "HOST", ...way, "STATIC", tag],
    mtu: null,
    withInterface: false,
  };
}

/** The mark has the kernel announce a host that is reached straight over a link with neighbours. */
function checkExpressible({ interfaces }: ScopedChanger, host: HostRoute, action: string): void {
  const link = readInterface(interfaces, host.interfaceIndex);
  if (link === null)
    throw new PlatformError(
      "no-such-interface",
      action,
      new Error(`there is no interface ${host.interfaceIndex}`),
    );
  const isBare = host.gateway === null && link.kind !== "tunnel";
  if (!host.onlink && !isBare) return;
  const what = host.onlink ? "a gateway outside of every prefix" : `no gateway on ${link.name}`;
  throw new PlatformError("unsupported", action, new Error(`a route of macOS cannot have ${what}`));
}
