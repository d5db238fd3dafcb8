import { AF } from "../../../src/wire/pfroute/constants.ts";
import type { KernelSocket } from "./kernel-socket.ts";
import type { RouteEntry } from "./route-entry.ts";
import { newRouteTable, type RouteTable } from "./route-table.ts";
import type { TableFamily } from "./socket-address.ts";

/** An address of an interface. Routes keep the one that they were made for, even after it is removed. */
export interface InterfaceAddress {
  readonly interface: Interface;
  readonly family: number;
  readonly sockaddr: Uint8Array;
  netmask: Uint8Array | null;
  /** The broadcast address, or the other end of a point-to-point link. */
  destination: Uint8Array | null;
  /** `hasRoute` and RTF_CLONING. */
  flags: number;
  /** False while SIOCAIFADDR has not yet reached the driver: no route is made for it then. */
  ready: boolean;
}

/** IFA_ROUTE: the connected route of this address is in the table. */
export const hasRoute = 1;

/** A multicast group that an interface is a member of, or the link-layer filter behind some of them. */
export interface MulticastGroup {
  readonly sockaddr: Uint8Array;
  readonly link: MulticastGroup | null;
  members: number;
}

export interface Interface {
  readonly index: number;
  readonly name: string;
  /** IFT_*. */
  readonly type: number;
  readonly mac: Uint8Array;
  readonly baudRate: number;
  readonly headerLength: number;
  /** Places in the send queue, which only RTM_IFINFO2 shows. */
  readonly sendQueueLimit: number;
  /** Offload bits, which only RTM_IFINFO shows. */
  readonly hardwareAssist: number;
  mtu: number;
  flags: number;
  /** The link-level address; first of the interface's addresses. */
  readonly linkAddress: Uint8Array;
  /** In the order in which they were added. */
  readonly addresses: InterfaceAddress[];
  /** Newest first. */
  readonly groups: MulticastGroup[];
}

/** Everything that the model knows. */
export interface Kernel {
  /** In the order of their indexes, which are theirs for ever; null where one was detached. */
  readonly interfaces: (Interface | null)[];
  readonly loopback: Interface;
  readonly tables: Readonly<Record<TableFamily, RouteTable>>;
  /** The interface of the unscoped default, or of 0.0.0.0/1: unscoped look-ups prefer its scope. 0 for none. */
  readonly primaryScope: Record<TableFamily, number>;
  readonly sockets: Set<KernelSocket>;
  /** Seconds since the epoch, at which the kernel's clock stands. */
  readonly now: number;
  /** Entries that left the table and are still referred to (NET_RT_TRASH). */
  readonly trash: Set<RouteEntry>;
}

export function newKernel(loopback: Interface): Kernel {
  return {
    interfaces: [loopback],
    loopback,
    tables: { [AF.INET]: newRouteTable(), [AF.INET6]: newRouteTable() },
    primaryScope: { [AF.INET]: 0, [AF.INET6]: 0 },
    sockets: new Set(),
    now: 1_700_000_000,
    trash: new Set(),
  };
}

/** The interface of this index, or null. */
export function interfaceAt(kernel: Kernel, index: number): Interface | null {
  return kernel.interfaces[index - 1] ?? null;
}

/** The attached interfaces in the order of their indexes. */
export function attachedInterfaces(kernel: Kernel): readonly Interface[] {
  return kernel.interfaces.filter((each) => each !== null);
}
