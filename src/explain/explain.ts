import type { Explanation } from "../admin-api/explanation-schema.ts";
import type { Packet } from "../network/packet.ts";
import type { RouteInquiry, RoutingLink } from "../platform/route-inquiry.ts";
import { explainByRules } from "./explain-by-rules.ts";
import { explainByScopes } from "./explain-by-scopes.ts";

/**
 * Tells where a packet goes and why. The verdict is the kernel's own answer; the steps are what the rules and routes
 * say, and where they lead elsewhere, that is said, too.
 *
 * @param name the name that stood for the destination, or null
 * @throws PlatformError
 */
export async function explainPacket(
  inquiry: RouteInquiry,
  packet: Packet,
  name: string | null,
  links: ReadonlyMap<number, RoutingLink>,
  signal: AbortSignal,
): Promise<Explanation> {
  switch (inquiry.kind) {
    case "rules":
      return await explainByRules(inquiry, packet, name, links, signal);
    case "scopes":
      return await explainByScopes(inquiry, packet, name, links, signal);
    default:
      return inquiry satisfies never;
  }
}
