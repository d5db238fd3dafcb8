import type { IpFamily } from "../network/address.ts";
import type { InterfaceAddress, InterfaceKind } from "../network/interface.ts";
import type { DefaultRoute } from "../network/route.ts";
import type { DefaultVia } from "./host-state.ts";

/**
 * How much an event matters: `effective` when the default, an address in use or an uplink changed, `churn` for
 * the coming and going of what nobody leaves by, `health` for what netwatch says of its own sight.
 */
export type Severity = "effective" | "churn" | "health";

/** What made netwatch look: a kernel message, a periodic re-read, a wake, a resync after loss, a request. */
export type Cause = "message" | "reconcile" | "wake" | "resync" | "request";

/** One field that differs, with its values in the words of the admin API. */
export interface FieldChange {
  readonly field: string;
  readonly before: string | number | boolean | null;
  readonly after: string | number | boolean | null;
}

/** A default in an event, its interfaces named as they were at that moment. */
export interface EventDefault {
  readonly route: DefaultRoute;
  readonly via: DefaultVia;
  /** Name by index for each interface that the route leaves by. */
  readonly interfaceNames: ReadonlyMap<number, string>;
}

interface InterfaceSubject {
  readonly interface: string;
  readonly index: number;
  readonly generation: number;
}

interface AddressSubject extends InterfaceSubject {
  readonly address: InterfaceAddress;
}

/** One difference between two states of the host, or one thing that netwatch learned about its own sight. */
export type MonitorEvent = { readonly severity: Severity; readonly cause: Cause } & (
  | ({
      readonly kind: "interface-added" | "interface-removed";
      readonly interfaceKind: InterfaceKind;
      readonly up: boolean;
      readonly carrier: boolean;
    } & InterfaceSubject)
  | ({
      readonly kind: "interface-changed";
      readonly changes: readonly FieldChange[];
    } & InterfaceSubject)
  | ({ readonly kind: "address-added" | "address-removed" } & AddressSubject)
  | ({
      readonly kind: "address-changed";
      readonly changes: readonly FieldChange[];
    } & AddressSubject)
  | {
      readonly kind: "default-changed";
      readonly family: IpFamily;
      /** The effective defaults; equal when only candidates came or went. */
      readonly before: EventDefault | null;
      readonly after: EventDefault | null;
      /** Candidates that are new, and those that are gone. */
      readonly added: readonly EventDefault[];
      readonly removed: readonly EventDefault[];
    }
  | { readonly kind: "wake"; readonly sleptMs: number }
  | { readonly kind: "overflow"; readonly overflows: number }
  | {
      readonly kind: "drift";
      /** How many differences a re-read found that no message had announced. */
      readonly differences: number;
      /** What was different: `interface eth0`, `ipv4 defaults`. */
      readonly subjects: readonly string[];
    }
);
