import type { AdminEvent } from "../admin-api/event-schema.ts";
import type { EventDefault, MonitorEvent } from "../monitor/event.ts";
import type { InterfaceAddress } from "../network/interface.ts";
import { viewDefault } from "./default-view.ts";
import type { RouteNews } from "./route-news.ts";

/** What the daemon tells: what the monitor saw, and what became of routes. */
export type DaemonEvent = MonitorEvent | RouteNews;

type EventBody<Kind extends AdminEvent["kind"]> = Omit<
  Extract<AdminEvent, { kind: Kind }>,
  "id" | "time"
>;

/** An event as the admin API tells it, with the id and the time that it got. */
export function viewEvent(event: DaemonEvent, id: number, time: string): AdminEvent {
  const base = { id, time, kind: event.kind, severity: event.severity, cause: event.cause };
  switch (event.kind) {
    case "interface-added":
    case "interface-removed": {
      const { kind, interfaceKind, up, carrier } = event;
      return { ...base, kind, ...subject(event), interfaceKind, up, carrier };
    }
    case "interface-changed":
      return { ...base, kind: event.kind, ...subject(event), changes: [...event.changes] };
    case "address-added":
    case "address-removed":
      return { ...base, kind: event.kind, ...subject(event), ...addressBody(event.address) };
    case "address-changed": {
      const { kind, address, changes } = event;
      return { ...base, kind, ...subject(event), ...addressBody(address), changes: [...changes] };
    }
    case "default-changed":
      return {
        ...base,
        kind: event.kind,
        family: event.family,
        before: event.before === null ? null : defaultBody(event.before),
        after: event.after === null ? null : defaultBody(event.after),
        added: event.added.map(defaultBody),
        removed: event.removed.map(defaultBody),
      };
    case "wake":
      return { ...base, kind: event.kind, sleptMs: event.sleptMs };
    case "overflow":
      return { ...base, kind: event.kind, overflows: event.overflows };
    case "drift": {
      const { kind, differences, subjects } = event;
      return { ...base, kind, differences, subjects: [...subjects] };
    }
    case "scoped-installed":
    case "scoped-removed":
    case "scoped-stale":
    case "scoped-repaired":
    case "fight":
    case "default-lost":
    case "default-restored":
    case "displaced":
    case "lease-granted":
    case "lease-released":
    case "lease-changed":
    case "binding-moved":
    case "binding-stale":
      return { id, time, ...event };
    default:
      return event satisfies never;
  }
}

function subject(
  event: Extract<MonitorEvent, { generation: number }>,
): Pick<EventBody<"interface-changed">, "interface" | "index" | "generation"> {
  return { interface: event.interface, index: event.index, generation: event.generation };
}

function addressBody(
  address: InterfaceAddress,
): Omit<
  EventBody<"address-added">,
  "kind" | "severity" | "cause" | keyof ReturnType<typeof subject>
> {
  return {
    address: address.address,
    prefixLength: address.prefixLength,
    family: address.family,
    scope: address.scope,
    flags: [...address.flags],
    peer: address.peer,
  };
}

function defaultBody(value: EventDefault): ReturnType<typeof viewDefault> {
  return viewDefault(value.route, value.via, value.interfaceNames);
}
