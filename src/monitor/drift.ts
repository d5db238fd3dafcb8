import type { Attribution } from "./attribution.ts";
import { doorOfEvent } from "./changed-door.ts";
import type { MonitorEvent } from "./event.ts";

const listedSubjects = 20;

/** What of these differences no message had announced, as one event; null when there is nothing. */
export function driftOf(
  events: readonly MonitorEvent[],
  attribution: Attribution,
): (MonitorEvent & { readonly kind: "drift" }) | null {
  const drifted = events.filter((event) => {
    const door = doorOfEvent(event);
    return door !== null && attribution.isDrift(door);
  });
  if (drifted.length === 0) return null;
  const subjects = [...new Set(drifted.map(subjectOf))];
  const more = subjects.length - listedSubjects;
  return {
    kind: "drift",
    severity: "health",
    cause: "reconcile",
    differences: drifted.length,
    subjects: [...subjects.slice(0, listedSubjects), ...(more > 0 ? [`… and ${more} more`] : [])],
  };
}

function subjectOf(event: MonitorEvent): string {
  if (event.kind === "default-changed") return `${event.family} defaults`;
  return "interface" in event ? `interface ${event.interface}` : event.kind;
}
