import { PlatformError } from "../../platform/platform-error.ts";
import type { AddOutcome, HostRoute } from "../../platform/route-control.ts";
import { encodeGetRouteLookup } from "../../wire/netlink/request.ts";
import { decodeRoute, emptyRoute, type RouteMessage } from "../../wire/netlink/route.ts";
import { RT_TABLE_MAIN, RTN_UNICAST } from "../../wire/netlink/route-constants.ts";
import { numberOf } from "./defaults-reading.ts";
import { changeFailure, requestRoute, requestRouteRemoval } from "./kernel-change.ts";
import { KernelError } from "./kernel-error.ts";
import type { Requester } from "./requester.ts";
import { addressText } from "./route-translation.ts";
import { addressBytes, legsOf, type SlotLayout } from "./slot-layout.ts";

/** What a change of a host route works with. */
export interface HostRouteChanger {
  readonly requester: Requester;
  readonly layout: Pick<SlotLayout, "protocol">;
}

/**
 * Adds a route of ours to one address in main.
 *
 * @throws PlatformError
 */
export function addHostRoute({ requester, layout }: HostRouteChanger, host: HostRoute): AddOutcome {
  const message = messageOf(host, layout);
  const answer = requestRoute(requester, actionOf("add", host), message, "exclusive");
  if (answer.refusal === null && answer.lost === null) return "added";
  const found = routeTo(requester, host);
  if (found !== null && isSame(found, message)) return "already-there";
  if (answer.refusal?.code === "EEXIST") return "conflict";
  throw changeFailure(answer);
}

/**
 * Takes away exactly this route of ours.
 *
 * @throws PlatformError
 */
export function removeHostRoute(
  { requester, layout }: HostRouteChanger,
  host: HostRoute,
): "removed" | "already-gone" {
  const message = messageOf(host, layout);
  const answer = requestRouteRemoval(requester, actionOf("remove", host), message);
  if (answer.refusal === null && answer.lost === null) return "removed";
  // Its interface took it away, or the interface itself is gone.
  if (answer.refusal?.code === "ESRCH" || answer.refusal?.code === "ENODEV") return "already-gone";
  const found = routeTo(requester, host);
  if (found === null || !isSame(found, message)) return "already-gone";
  throw changeFailure(answer);
}

function messageOf(host: HostRoute, { protocol }: Pick<SlotLayout, "protocol">): RouteMessage {
  const dst = addressBytes(host.destination);
  return {
    ...emptyRoute,
    ...legsOf({ ...host, nexthops: [] }),
    family: numberOf(host.family),
    table: RT_TABLE_MAIN,
    protocol,
    type: RTN_UNICAST,
    dst,
    dstLength: dst.length * 8,
  };
}

/** The entry by which a packet to the host would leave, or null. */
function routeTo(requester: Requester, host: HostRoute): RouteMessage | null {
  const dst = addressBytes(host.destination);
  const encode = (seq: number): Uint8Array => encodeGetRouteLookup(seq, { dst });
  const found = requester.ask(actionOf("read", host), encode, decodeRoute);
  if (!(found instanceof KernelError)) return found;
  if (["ENETUNREACH", "EHOSTUNREACH", "EACCES", "EINVAL"].includes(found.code)) return null;
  throw new PlatformError("rejected", actionOf("read", host), found);
}

function isSame(found: RouteMessage, wanted: RouteMessage): boolean {
  const by = (route: RouteMessage): string | null =>
    route.gateway === null ? null : addressText(route.gateway);
  return (
    found.dstLength === wanted.dstLength &&
    found.protocol === wanted.protocol &&
    found.oif === wanted.oif &&
    by(found) === by(wanted)
  );
}

function actionOf(verb: string, { destination }: HostRoute): string {
  return `${verb} the route to ${destination}`;
}
