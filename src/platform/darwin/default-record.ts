import type { DefaultRoute } from "../../network/route.ts";
import type { RecordedDefault } from "../../platform/route-control.ts";
import { DecodeError } from "../../wire/decode-error.ts";
import { RTF } from "../../wire/pfroute/constants.ts";
import { EncodeError } from "../../wire/pfroute/encode-error.ts";
import { darwinFormat } from "../../wire/pfroute/format.ts";
import { decodeMessage, type RouteMessage } from "../../wire/pfroute/message.ts";
import type { RequestFlag, RequestGateway } from "../../wire/pfroute/request.ts";
import type { RouteQuestion } from "./route-requester.ts";
import { isScoped, translateRoute } from "./route-translation.ts";
import { destinationOf, gatewayOver, makersFlags } from "./route-words.ts";
import type { ShortEntry } from "./short-table.ts";

/** A table's entry as it is kept; null for a scoped one, and for what cannot be said in words. */
export function recordOf({ message, bytes }: ShortEntry): RecordedDefault | null {
  const route = isScoped(message) ? null : translateRoute(message);
  return route === null ? null : { route, raw: withoutMoment(bytes) };
}

/** Whether two mean the very same route of the kernel. */
export function isSameDefault(a: DefaultRoute, b: DefaultRoute): boolean {
  return (
    isSameKey(a, b) &&
    a.type === b.type &&
    hasSameGateway(a, b) &&
    a.interfaceIndex === b.interfaceIndex &&
    a.protocol === b.protocol
  );
}

/** A route of ours that refuses has no gateway in our words, and the loopback address in the kernel's. */
function hasSameGateway(a: DefaultRoute, b: DefaultRoute): boolean {
  const isOpen = a.type !== "unicast" && (a.gateway === null || b.gateway === null);
  return isOpen || a.gateway === b.gateway;
}

/** Whether only one of two can stand: XNU compares destination and mask, and no gateway. */
export function isSameKey(a: DefaultRoute, b: DefaultRoute): boolean {
  return a.family === b.family && a.prefix === b.prefix;
}

/**
 * The request that makes a default.
 *
 * @param known what the kernel said of it when it stood, or null for one that never did
 * @param mtuOf of an interface: another one in what is known is the maker's wish
 * @throws EncodeError for what no routing socket can be asked
 */
export function requestOf(
  route: DefaultRoute,
  known: RouteMessage | null,
  mtuOf: (interfaceIndex: number) => number | null,
): RouteQuestion {
  const usual = known === null ? null : mtuOf(known.index);
  const gateway = gatewayOf(route, known);
  return {
    action: "ADD",
    destination: destinationOf(route.prefix),
    gateway,
    scope: null,
    flags: flagsOf(route, known, gateway),
    mtu: usual === null || known?.mtu === 0 || known?.mtu === usual ? null : (known?.mtu ?? null),
    withInterface: false,
  };
}

function gatewayOf(route: DefaultRoute, known: RouteMessage | null): RequestGateway {
  const index = route.interfaceIndex ?? known?.index ?? 0;
  // By the loopback address as a gateway, as route(8) makes it: without one, sockets bound to an interface would meet
  // it before the scoped default of that interface.
  if (known === null && route.type !== "unicast" && route.gateway === null && index === 0)
    return gatewayOver(route.family === "ipv4" ? "127.0.0.1" : "::1", 0);
  if (route.nexthops.length > 0 || (route.gateway === null && index === 0))
    throw new EncodeError(
      "no-gateway",
      `${route.prefix} has no gateway and no interface of its own`,
    );
  return gatewayOver(route.gateway, index);
}

function flagsOf(
  route: DefaultRoute,
  known: RouteMessage | null,
  gateway: RequestGateway,
): readonly RequestFlag[] {
  const way: readonly RequestFlag[] = gateway.kind === "link" ? ["UP"] : ["UP", "GATEWAY"];
  const isAsKnown = known !== null && translateRoute(known)?.protocol === route.protocol;
  if (isAsKnown) return [...way, ...makersFlags.filter((flag) => (known.flags & RTF[flag]) !== 0)];
  const type: readonly RequestFlag[] =
    route.type === "blackhole" ? ["BLACKHOLE"] : route.type === "unreachable" ? ["REJECT"] : [];
  const maker: readonly RequestFlag[] = makersFlags.filter(
    (flag) => flag.toLowerCase() === route.protocol && flag !== "STATIC",
  );
  return [...way, ...type, "STATIC", ...maker];
}

/** What the kernel said of a default; null for one that never stood, and for bytes that nobody can read. */
export function messageOf({ raw }: RecordedDefault): RouteMessage | null {
  if (raw.length === 0) return null;
  try {
    const message = decodeMessage(raw, darwinFormat);
    return message.kind === "route" ? message : null;
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

/** The bytes without how often the route was used and by how many. */
function withoutMoment(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  const layout = darwinFormat.layouts.get(copy[3] ?? 0);
  if (layout?.kind !== "route") return copy;
  copy.fill(0, layout.use, layout.use + 4);
  if (layout.referenceCount !== null)
    copy.fill(0, layout.referenceCount, layout.referenceCount + 4);
  return copy;
}
