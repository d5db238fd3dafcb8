import { RTM } from "./constants.ts";

/** Where the fields of rt_msghdr or rt_msghdr2 stand; null where the header has no such field. */
export interface RouteLayout {
  readonly kind: "route";
  readonly headerLength: number;
  readonly index: number;
  readonly flags: number;
  readonly addrs: number;
  readonly pid: number | null;
  readonly seq: number | null;
  readonly errno: number | null;
  readonly referenceCount: number | null;
  readonly parentFlags: number | null;
  readonly use: number;
  readonly inits: number;
  readonly metricLocks: number;
  readonly mtu: number;
  readonly expire: number;
}

/** Where the fields of if_msghdr or if_msghdr2 stand, those of its if_data included. */
export interface InterfaceLayout {
  readonly kind: "interface";
  readonly headerLength: number;
  readonly addrs: number;
  readonly flags: number;
  readonly index: number;
  readonly interfaceType: number;
  readonly mtu: number;
}

/** Where the fields of ifa_msghdr stand. */
export interface AddressLayout {
  readonly kind: "address";
  readonly headerLength: number;
  readonly addrs: number;
  readonly flags: number;
  readonly index: number;
  readonly metric: number;
}

/** Where the fields of ifma_msghdr or ifma_msghdr2 stand. */
export interface MulticastLayout {
  readonly kind: "multicast";
  readonly headerLength: number;
  readonly addrs: number;
  readonly flags: number;
  readonly index: number;
}

type MessageLayout = RouteLayout | InterfaceLayout | AddressLayout | MulticastLayout;

/**
 * What one system's routing messages look like. Every BSD begins a message with u16 length, u8 version and
 * u8 type in host byte order; the rest is this table. Fields are little-endian and 4 bytes wide, an
 * interface index 2 and an interface type 1.
 */
export interface RoutingFormat {
  readonly version: number;
  /** Packed sockaddrs start at multiples of this; one of length 0 takes this much. */
  readonly sockaddrAlignment: number;
  readonly layouts: ReadonlyMap<number, MessageLayout>;
}

const rtMsghdr: RouteLayout = {
  kind: "route",
  headerLength: 92,
  index: 4,
  flags: 8,
  addrs: 12,
  pid: 16,
  seq: 20,
  errno: 24,
  referenceCount: null,
  parentFlags: null,
  use: 28,
  inits: 32,
  metricLocks: 36,
  mtu: 40,
  expire: 48,
};

const rtMsghdr2: RouteLayout = {
  ...rtMsghdr,
  pid: null,
  seq: null,
  errno: null,
  referenceCount: 16,
  parentFlags: 20,
};

const ifMsghdr: InterfaceLayout = {
  kind: "interface",
  headerLength: 112,
  addrs: 4,
  flags: 8,
  index: 12,
  interfaceType: 16,
  mtu: 24,
};

const ifMsghdr2: InterfaceLayout = { ...ifMsghdr, headerLength: 160, interfaceType: 32, mtu: 40 };

const ifaMsghdr: AddressLayout = {
  kind: "address",
  headerLength: 20,
  addrs: 4,
  flags: 8,
  index: 12,
  metric: 16,
};

const ifmaMsghdr: MulticastLayout = {
  kind: "multicast",
  headerLength: 16,
  addrs: 4,
  flags: 8,
  index: 12,
};

/** Darwin, LP64: struct sizes and offsets of net/route.h and net/if_var.h, equal on arm64 and x86_64. */
export const darwinFormat: RoutingFormat = {
  version: 5,
  sockaddrAlignment: 4,
  layouts: new Map<number, MessageLayout>([
    [RTM.ADD, rtMsghdr],
    [RTM.DELETE, rtMsghdr],
    [RTM.CHANGE, rtMsghdr],
    [RTM.GET, rtMsghdr],
    [RTM.LOSING, rtMsghdr],
    [RTM.REDIRECT, rtMsghdr],
    [RTM.MISS, rtMsghdr],
    [RTM.LOCK, rtMsghdr],
    [RTM.RESOLVE, rtMsghdr],
    [RTM.GET_SILENT, rtMsghdr],
    [RTM.GET2, rtMsghdr2],
    [RTM.NEWADDR, ifaMsghdr],
    [RTM.DELADDR, ifaMsghdr],
    [RTM.IFINFO, ifMsghdr],
    [RTM.IFINFO2, ifMsghdr2],
    [RTM.NEWMADDR, ifmaMsghdr],
    [RTM.DELMADDR, ifmaMsghdr],
    [RTM.NEWMADDR2, { ...ifmaMsghdr, headerLength: 20 }],
  ]),
};
