import type { DefaultRoute } from "../../network/route.ts";
import type { RecordedDefault } from "../../platform/route-control.ts";
import type { Charge } from "./charge.ts";
import { isElsewhere, relocate } from "./default-identity.ts";
import { footingOf } from "./footing.ts";
import { kindsOfLegs } from "./loss.ts";
import type { NetworkSeen } from "./network-seen.ts";

/**
 * The default to add for a lost one, over the interfaces of now; null for one that may not or cannot be put back.
 * A source address that is gone is left out, and a nexthop object too: the kernel deletes it with its link.
 */
export function recordToAdd(
  { phase, route, record, interfaces }: Charge,
  seen: NetworkSeen,
): RecordedDefault | null {
  if (phase.kind !== "lost" || !phase.restorable || record === null) return null;
  const today = relocate(route, interfaces, seen.interfaces);
  const footing = footingOf(today, seen.interfaces);
  if (!footing.link || !footing.address) return null;
  return {
    raw: record.raw,
    route: {
      ...today,
      source: footing.source ? today.source : null,
      nexthopId: null,
      position: 0,
      linkdown: false,
    },
  };
}

/** Whether a tunnel has a default of its own among these, which one put back would take packets from. */
export function tunnelStands(
  route: DefaultRoute,
  newer: readonly DefaultRoute[],
  interfaces: NetworkSeen["interfaces"],
): boolean {
  return newer.some(
    (one) => isElsewhere(one, route) && kindsOfLegs(one, interfaces).includes("tunnel"),
  );
}
