import type { AdminEvent } from "../admin-api/event-schema.ts";
import type { Default } from "../admin-api/route-schema.ts";

/** An event as one line of the log. */
export function describeEvent(event: AdminEvent): string {
  switch (event.kind) {
    case "interface-added":
      return `${event.interface} appeared${event.up ? "" : ", down"}`;
    case "interface-removed":
      return `${event.interface} is gone`;
    case "interface-changed":
      return `${event.interface} changed: ${describeChanges(event.changes)}`;
    case "address-added":
      return `${event.interface} has ${event.address}/${event.prefixLength}`;
    case "address-removed":
      return `${event.interface} lost ${event.address}/${event.prefixLength}`;
    case "address-changed":
      return `${event.interface} ${event.address} changed: ${describeChanges(event.changes)}`;
    case "default-changed":
      return describeDefaultChange(event);
    case "wake":
      return `woke after ${Math.round(event.sleptMs / 1000)} s of sleep`;
    case "overflow":
      return "the kernel dropped messages: everything was read again";
    case "drift":
      return `found what no message had announced: ${event.subjects.join(", ")}`;
    default:
      return event satisfies never;
  }
}

/** A default in a few words: `via 10.0.0.1 on eth0, metric 100`. */
export function describeDefault(value: Default | null): string {
  if (value === null) return "none";
  if (value.nexthops.length > 0) {
    return value.nexthops.map((leg) => hop(leg.gateway, leg.interface)).join(" and ");
  }
  const kind = value.type === "unicast" ? hop(value.gateway, value.interface) : value.type;
  const through = value.via === "default" ? "" : `, by a ${value.via}`;
  return `${kind}${value.metric === 0 ? "" : `, metric ${value.metric}`}${through}`;
}

function hop(gateway: string | null, interfaceName: string | null): string {
  const on = `on ${interfaceName ?? "no interface"}`;
  return gateway === null ? on : `via ${gateway} ${on}`;
}

function describeDefaultChange(event: Extract<AdminEvent, { kind: "default-changed" }>): string {
  const before = describeDefault(event.before);
  const after = describeDefault(event.after);
  if (before !== after) return `${event.family} default: ${after} (was ${before})`;
  const parts = [
    ...event.added.map((route) => `added ${describeDefault(route)}`),
    ...event.removed.map((route) => `removed ${describeDefault(route)}`),
  ];
  return `${event.family} default stays ${after}: ${parts.join(", ") || "its attributes changed"}`;
}

function describeChanges(
  changes: Extract<AdminEvent, { kind: "interface-changed" }>["changes"],
): string {
  return changes
    .map(({ field, before, after }) => `${field} ${before ?? "none"} -> ${after ?? "none"}`)
    .join(", ");
}
