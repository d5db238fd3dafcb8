import type { IpFamily } from "./address.ts";

/** What an interface is to its user; config globs may override what the platform says. */
export type InterfaceKind =
  | "physical"
  | "wireless"
  | "loopback"
  | "tunnel"
  | "bridge"
  | "virtual"
  | "container";

export const interfaceKinds: readonly InterfaceKind[] = [
  "physical",
  "wireless",
  "loopback",
  "tunnel",
  "bridge",
  "virtual",
  "container",
];

/** RFC 2863 operational states, in the kernel's order (IF_OPER_*, linux/if.h). */
export type OperationalState =
  | "unknown"
  | "not-present"
  | "down"
  | "lower-layer-down"
  | "testing"
  | "dormant"
  | "up";

export type AddressScope = "global" | "site" | "link" | "host" | "nowhere";

export type AddressFlag = "tentative" | "deprecated" | "duplicate" | "temporary" | "permanent";

export interface InterfaceAddress {
  readonly family: IpFamily;
  /** Canonical text, without prefix length or zone. */
  readonly address: string;
  readonly prefixLength: number;
  readonly scope: AddressScope;
  readonly flags: readonly AddressFlag[];
  /** The other end of a point-to-point address, else null. */
  readonly peer: string | null;
  /** When the address ends, in ms since the epoch, or null for never. Never compared: it slides. */
  readonly validUntil: number | null;
  /** When the address stops being preferred, in ms since the epoch, or null for never. Never compared. */
  readonly preferredUntil: number | null;
}

export interface NetworkInterface {
  /** The kernel's index: unique among the interfaces that exist now, reused after. */
  readonly index: number;
  readonly name: string;
  readonly kind: InterfaceKind;
  /** `aa:bb:cc:dd:ee:ff`, or null where the link has no such address. */
  readonly mac: string | null;
  readonly mtu: number;
  /** The administrator's wish (IFF_UP). */
  readonly up: boolean;
  /** The medium's answer (IFF_LOWER_UP, or RUNNING on macOS). */
  readonly carrier: boolean;
  readonly operState: OperationalState;
  /** In the kernel's order: the first of a prefix is the primary one. */
  readonly addresses: readonly InterfaceAddress[];
}
