import type { IpFamily } from "../network/address.ts";
import type { NetworkState } from "../network/state.ts";
import type { ChangedDoor } from "./changed-door.ts";
import type { Cause } from "./event.ts";
import { type Doors, strongerReason } from "./pending-doors.ts";
import { familiesAtRisk, familiesOver } from "./silent-loss.ts";

/** Says of a difference what made netwatch find it. */
export interface Attribution {
  causeOf(door: ChangedDoor): Cause;
  /** Found by a reconcile, and no message had announced it. */
  isDrift(door: ChangedDoor): boolean;
}

/**
 * @param doors what the read was for
 * @param heard what rang since the read began
 */
export function attribute(
  doors: Doors,
  heard: Doors,
  before: NetworkState,
  after: NetworkState,
): Attribution {
  const interfaces = new Set([...doors.interfaces, ...heard.interfaces]);
  const families = new Set<IpFamily>([
    ...doors.defaults,
    ...heard.defaults,
    ...familiesOver(before, interfaces),
    ...familiesAtRisk(before.interfaces, after.interfaces, interfaces),
  ]);
  const full = strongerReason(doors.full, heard.full);
  const isAnnounced = (door: ChangedDoor): boolean =>
    door.kind === "interface" ? interfaces.has(door.index) : families.has(door.family);
  const isExpiry = (door: ChangedDoor): boolean =>
    door.kind === "defaults" && doors.expired.has(door.family);
  return {
    causeOf(door) {
      if (isAnnounced(door)) return "message";
      if (full !== null) return full;
      // A storm of messages is read as one dump, which may see a change before its message.
      return isExpiry(door) ? "reconcile" : "message";
    },
    isDrift: (door) => full === "reconcile" && !isAnnounced(door) && !isExpiry(door),
  };
}
