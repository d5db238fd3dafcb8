import type { DefaultRoute } from "../../network/route.ts";
import type { Requester } from "../../platform/route-evidence.ts";
import type { Arrival } from "./arrivals.ts";
import { isKernel, isSameRequester } from "./requester.ts";

/** Everything that is known, once the grace is over, of a default that went and did not come back. */
export interface Disappearance {
  readonly route: DefaultRoute;
  /** Everybody who put it there, other than netwatch, as far as that was heard. */
  readonly owners: readonly Requester[];
  /** Who took it away, by a message; null when none came. */
  readonly remover: Requester | null;
  readonly removedByUs: boolean;
  /** A link under it went, for a moment at least. */
  readonly linkLost: boolean;
  /** The address that it stood on, or sent from, went while the link stayed. */
  readonly addressLost: boolean;
  /** Its lifetime ended. */
  readonly expired: boolean;
  /** Another default over the same interface came in its place. */
  readonly successor: Arrival | null;
  /** A default or a split over another interface came between 10 s before and the end of the grace. */
  readonly usurper: Arrival | null;
}

/** What a disappearance means. */
export type Verdict =
  /** Whoever may do so wanted it so. */
  | { readonly kind: "released"; readonly voids: boolean }
  /** Lost when the usurper goes. */
  | {
      readonly kind: "displaced";
      readonly by: Requester | null;
      readonly usurper: Arrival;
      readonly restorable: boolean;
    }
  /** Somebody took it away and put nothing in its place. Warned of, never put back. */
  | { readonly kind: "removed"; readonly by: Requester }
  /** What it stood on went. Lost when that is back for `waitMs` and the default is not. */
  | { readonly kind: "unfounded"; readonly waitMs: number; readonly restorable: boolean }
  /** Its router withdrew it, or its lifetime ended. Never put back. */
  | { readonly kind: "withdrawn"; readonly waitMs: number }
  /** No message tells, and nothing that it stood on has changed. Warned of, never put back. */
  | { readonly kind: "unexplained" };

/** How long a DHCP client, or the kernel for a router's announcement, may take to bring its default back. */
const ownerWaitMs = 30_000;

/** Judges a disappearance. */
export function judge(found: Disappearance, graceMs: number): Verdict {
  const { route, owners, remover, linkLost, addressLost, usurper } = found;
  const foreign = remover !== null && !isKernel(remover) ? remover : null;
  if (found.removedByUs) return { kind: "released", voids: false };
  if (foreign !== null && owners.some((owner) => isSameRequester(foreign, owner)))
    return { kind: "released", voids: true };
  // A link that goes takes its addresses along: that is not the client giving up its lease.
  if (route.protocol === "dhcp" && addressLost && (foreign !== null || !linkLost))
    return { kind: "released", voids: true };
  if (found.successor !== null) return { kind: "released", voids: false };
  const waitMs = isHandMade(route) ? graceMs : Math.max(graceMs, ownerWaitMs);
  if (foreign === null && isExplained(found)) {
    const stood = !linkLost && !addressLost;
    if (found.expired || (route.protocol === "ra" && stood)) return { kind: "withdrawn", waitMs };
    // A nexthop object goes without a route message, and its remover is not known.
    return { kind: "unfounded", waitMs, restorable: remover !== null || !stood };
  }
  if (usurper !== null)
    return { kind: "displaced", by: foreign ?? usurper.by, usurper, restorable: foreign !== null };
  return foreign === null ? { kind: "unexplained" } : { kind: "removed", by: foreign };
}

function isExplained({ route, remover, linkLost, addressLost, expired }: Disappearance): boolean {
  return remover !== null || linkLost || addressLost || expired || route.nexthopId !== null;
}

/** Nobody keeps such a default alive: what is gone stays gone (rt_protos(5): `boot` is what `ip route` writes). */
function isHandMade({ protocol }: DefaultRoute): boolean {
  return protocol === "static" || protocol === "boot";
}
