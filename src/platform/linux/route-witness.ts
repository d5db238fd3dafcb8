import { longestDefaultPrefix } from "../../network/route.ts";
import type { RouteEvidence } from "../../platform/route-evidence.ts";
import {
  AF_INET,
  AF_INET6,
  NLM_F_REPLACE,
  RTM_DELROUTE,
  RTM_NEWROUTE,
} from "../../wire/netlink/message-constants.ts";
import { decodeRoute } from "../../wire/netlink/route.ts";
import { portOwner } from "./port-owner.ts";
import { type NexthopResolver, translateRoute } from "./route-translation.ts";

/** Tells listeners what messages say of who changed a default; see RouteEvidence. */
export interface RouteWitness {
  /**
   * Looks at one notification, by the fields of its header and the place of its body.
   *
   * @throws DecodeError when the body of a default's message is malformed
   */
  hear(
    type: number,
    flags: number,
    portId: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): void;
  listen(listener: (evidence: RouteEvidence) => void): Disposable;
}

/** Opens a witness. While nobody listens it looks at nothing. */
export function openRouteWitness(
  resolve: NexthopResolver,
  ownerOf: typeof portOwner = portOwner,
): RouteWitness {
  const listeners = new Set<(evidence: RouteEvidence) => void>();
  return {
    hear(type, flags, portId, bytes, offset, length) {
      if (listeners.size === 0) return;
      if (type !== RTM_NEWROUTE && type !== RTM_DELROUTE) return;
      if ((bytes[offset + 1] ?? 0xff) > longestDefaultPrefix) return;
      // The process can end at any moment: first its name, then the rest.
      const requester = ownerOf(portId);
      const message = decodeRoute(bytes.subarray(offset, offset + length));
      if (message.family !== AF_INET && message.family !== AF_INET6) return;
      const at = Date.now();
      const added = (flags & NLM_F_REPLACE) === 0 ? "added" : "replaced";
      const action = type === RTM_DELROUTE ? "removed" : added;
      const evidence = {
        at,
        action,
        route: translateRoute(message, resolve, at),
        requester,
      } as const;
      for (const listener of [...listeners]) listener(evidence);
    },
    listen(listener) {
      // One function may listen twice, and each end is its own.
      const own = (evidence: RouteEvidence): void => listener(evidence);
      listeners.add(own);
      return { [Symbol.dispose]: () => void listeners.delete(own) };
    },
  };
}
