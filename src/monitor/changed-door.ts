import type { IpFamily } from "../network/address.ts";
import type { MonitorEvent } from "./event.ts";

/** Behind which door a difference was found. */
export type ChangedDoor =
  | { readonly kind: "interface"; readonly index: number }
  | { readonly kind: "defaults"; readonly family: IpFamily };

/** The door of a difference, or null for an event about netwatch's own sight. */
export function doorOfEvent(event: MonitorEvent): ChangedDoor | null {
  switch (event.kind) {
    case "interface-added":
    case "interface-removed":
    case "interface-changed":
    case "address-added":
    case "address-removed":
    case "address-changed":
      return { kind: "interface", index: event.index };
    case "default-changed":
      return { kind: "defaults", family: event.family };
    case "wake":
    case "overflow":
    case "drift":
      return null;
    default:
      return event satisfies never;
  }
}
