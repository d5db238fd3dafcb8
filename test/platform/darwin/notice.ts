import { AF, RTAX, RTM } from "../../../src/wire/pfroute/constants.ts";
import type { Interface, InterfaceAddress, Kernel, MulticastGroup } from "./kernel.ts";
import { broadcast } from "./kernel-socket.ts";
import { type DraftMessage, draftMessage, entrySockaddrs } from "./message-encoding.ts";
import { type RouteEntry, visibleFlags } from "./route-entry.ts";
import { familyOf } from "./socket-address.ts";

/** RTM_IFINFO: an interface changed. It carries no sockaddr. */
export function announceInterface(kernel: Kernel, owner: Interface): void {
  const draft = draftMessage(RTM.IFINFO, {}, "notice");
  writeInterface(draft, owner, kernel.now);
  broadcast(kernel, draft.bytes, AF.UNSPEC);
}

/** Fills the header of RTM_IFINFO or RTM_IFINFO2. */
export function writeInterface({ view, addrs }: DraftMessage, owner: Interface, now: number): void {
  const wide = view.getUint8(3) === RTM.IFINFO2;
  const data = wide ? 32 : 16;
  view.setUint32(4, addrs, true);
  view.setUint32(8, owner.flags, true);
  view.setUint16(12, owner.index, true);
  view.setUint8(data, owner.type);
  view.setUint8(data + 3, owner.mac.length);
  view.setUint8(data + 4, owner.headerLength);
  view.setUint32(data + 8, owner.mtu, true);
  view.setUint32(data + 16, owner.baudRate, true);
  view.setUint32(data + (wide ? 120 : 72), now, true);
  if (wide) view.setUint32(20, owner.sendQueueLimit, true);
  else view.setUint32(data + 84, owner.hardwareAssist, true);
}

/** RTM_NEWADDR, then the RTM_ADD of its route; RTM_DELETE of the route, then RTM_DELADDR. */
export function announceAddress(
  kernel: Kernel,
  change: "add" | "delete",
  address: InterfaceAddress,
  route: RouteEntry,
): void {
  const ofAddress = () => announceAddressOnly(kernel, change, address);
  const ofRoute = () => {
    const type = change === "add" ? RTM.ADD : RTM.DELETE;
    const draft = draftMessage(type, entrySockaddrs(route, type), "notice");
    draft.view.setUint16(4, address.interface.index, true);
    draft.view.setUint32(8, visibleFlags(route), true);
    draft.view.setUint32(12, draft.addrs, true);
    broadcast(kernel, draft.bytes, route.key.family);
  };
  for (const announce of change === "add" ? [ofAddress, ofRoute] : [ofRoute, ofAddress]) announce();
}

function announceAddressOnly(
  kernel: Kernel,
  change: "add" | "delete",
  address: InterfaceAddress,
): void {
  const type = change === "add" ? RTM.NEWADDR : RTM.DELADDR;
  const sockaddrs = {
    [RTAX.NETMASK]: address.netmask,
    [RTAX.IFP]: address.interface.linkAddress,
    [RTAX.IFA]: address.sockaddr,
    [RTAX.BRD]: address.destination,
  };
  const draft = draftMessage(type, sockaddrs, "notice");
  writeAddress(draft, address);
  broadcast(kernel, draft.bytes, address.family);
}

/** Fills the header of RTM_NEWADDR or RTM_DELADDR. */
export function writeAddress({ view, addrs }: DraftMessage, address: InterfaceAddress): void {
  view.setUint32(4, addrs, true);
  view.setUint32(8, address.flags, true);
  view.setUint16(12, address.interface.index, true);
}

/** RTM_NEWMADDR or RTM_DELMADDR: an interface joined or left a multicast group. */
export function announceGroup(
  kernel: Kernel,
  change: "add" | "delete",
  owner: Interface,
  group: MulticastGroup,
): void {
  const sockaddrs = {
    [RTAX.GATEWAY]: group.link?.sockaddr ?? null,
    [RTAX.IFP]: owner.linkAddress,
    [RTAX.IFA]: group.sockaddr,
  };
  const draft = draftMessage(change === "add" ? RTM.NEWMADDR : RTM.DELMADDR, sockaddrs, "notice");
  draft.view.setUint32(4, draft.addrs, true);
  draft.view.setUint16(12, owner.index, true);
  broadcast(kernel, draft.bytes, familyOf(group.sockaddr));
}
