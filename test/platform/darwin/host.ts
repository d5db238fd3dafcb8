import { AF, IFF, RTF } from "../../../src/wire/pfroute/constants.ts";
import { addGroupRoutes } from "./inet6-address.ts";
import {
  hasRoute,
  type Interface,
  type InterfaceAddress,
  type Kernel,
  newKernel,
} from "./kernel.ts";
import { joinGroup } from "./multicast-group.ts";
import { addRoute } from "./route-change.ts";
import { linkSockaddr, sockaddrOf, type TableFamily } from "./socket-address.ts";

/** The kinds of interface that the model knows. */
export type LinkKind = "ethernet" | "tunnel";

/** IFT_*, flags while down, and what the drivers of the recordings say of themselves. */
const kinds = {
  ethernet: {
    type: 6,
    flags: IFF.BROADCAST | IFF.NOTRAILERS | IFF.SIMPLEX | IFF.MULTICAST,
    baudRate: 1_000_000_000,
    headerLength: 14,
  },
  tunnel: {
    type: 1,
    flags: IFF.POINTOPOINT | IFF.RUNNING | IFF.MULTICAST | IFF.UP,
    baudRate: 0,
    headerLength: 0,
  },
} as const;

/** A kernel with lo0 alone, configured. */
export function newHost(): Kernel {
  const loopback: Interface = {
    index: 1,
    name: "lo0",
    type: 24,
    mac: new Uint8Array(),
    baudRate: 0,
    headerLength: 4,
    sendQueueLimit: 256,
    hardwareAssist: 0x029000ff,
    mtu: 16384,
    flags: IFF.UP | IFF.LOOPBACK | IFF.RUNNING | IFF.MULTICAST,
    linkAddress: linkSockaddr(1, 24, "lo0", new Uint8Array()),
    addresses: [],
    groups: [],
  };
  const kernel = newKernel(loopback);
  const inet = loopbackAddress(loopback, AF.INET, Uint8Array.of(127, 0, 0, 1));
  const inet6 = loopbackAddress(loopback, AF.INET6, Uint8Array.of(...new Array(15).fill(0), 1));
  inet.netmask = Uint8Array.of(5, 0, 0, 0, 0xff);
  loopback.addresses.push(inet, inet6);
  for (const each of [inet, inet6]) addLoopbackRoute(kernel, each);
  const groups = [
    "e0000001",
    "ff0200000000000000000001ff000001",
    `ff02${"0".repeat(27)}1`,
    `ff01${"0".repeat(27)}1`,
  ];
  for (const each of groups) joinGroup(kernel, loopback, fromHex(each));
  addGroupRoutes(kernel, loopback, inet6);
  return kernel;
}

/** Attaches an interface under the next index: an Ethernet link is down then, a tunnel is up. */
export function attach(kernel: Kernel, name: string, kind: LinkKind, mac: Uint8Array): Interface {
  const index = kernel.interfaces.length + 1;
  const { type, flags, baudRate, headerLength } = kinds[kind];
  const owner: Interface = {
    index,
    name,
    type,
    mac,
    baudRate,
    headerLength,
    sendQueueLimit: 0,
    hardwareAssist: 0,
    mtu: 1500,
    flags,
    linkAddress: linkSockaddr(index, type, name, mac),
    addresses: [],
    groups: [],
  };
  kernel.interfaces.push(owner);
  return owner;
}

function loopbackAddress(
  loopback: Interface,
  family: TableFamily,
  bytes: Uint8Array,
): InterfaceAddress {
  const sockaddr = sockaddrOf({ family, bytes, scope: 0 });
  return {
    interface: loopback,
    family,
    sockaddr,
    netmask: sockaddrOf({ family, bytes: new Uint8Array(bytes.length).fill(0xff), scope: 0 }),
    destination: sockaddr,
    flags: hasRoute,
    ready: true,
  };
}

function addLoopbackRoute(kernel: Kernel, address: InterfaceAddress): void {
  const family = address.family === AF.INET ? AF.INET : AF.INET6;
  const bytes = address.sockaddr.slice(family === AF.INET ? 4 : 8, family === AF.INET ? 8 : 24);
  addRoute(kernel, { family, bytes, scope: 0 }, address.sockaddr, null, RTF.UP | RTF.HOST, 0);
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
