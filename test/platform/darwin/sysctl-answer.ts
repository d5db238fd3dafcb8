import { AF, NET_RT, RTAX, RTM } from "../../../src/wire/pfroute/constants.ts";
import {
  attachedInterfaces,
  type Interface,
  type InterfaceAddress,
  type Kernel,
  type MulticastGroup,
} from "./kernel.ts";
import { draftMessage, entrySockaddrs, writeMetrics } from "./message-encoding.ts";
import { writeAddress, writeInterface } from "./notice.ts";
import { type RouteEntry, visibleFlags } from "./route-entry.ts";
import { familyOf } from "./socket-address.ts";

/** A sysctl that the kernel does not answer; `errno` is always EINVAL. */
export class SysctlRefusal extends Error {
  override readonly name = "SysctlRefusal";
  readonly errno = 22;
}

/**
 * The answer of sysctl net.routetable.
 *
 * @throws SysctlRefusal
 */
export function readSysctl(kernel: Kernel, name: readonly number[]): Uint8Array {
  if (name.length !== 6) throw new SysctlRefusal(`${name.length} levels`);
  const [, , , family = 0, operation = 0, argument = 0] = name;
  switch (operation) {
    case NET_RT.DUMP:
    case NET_RT.DUMP2:
    case NET_RT.FLAGS:
    case NET_RT.FLAGS_PRIV:
      return join(dumpRoutes(kernel, family, operation, argument));
    case NET_RT.IFLIST:
    case NET_RT.IFLIST2:
      return join(listInterfaces(kernel, family, operation, argument));
    case NET_RT.STAT:
      return new Uint8Array(12);
    case NET_RT.TRASH:
      return Uint8Array.of(kernel.trash.size & 0xff, kernel.trash.size >> 8, 0, 0);
    default:
      throw new SysctlRefusal(`operation ${operation}`);
  }
}

function dumpRoutes(
  kernel: Kernel,
  family: number,
  operation: number,
  flags: number,
): readonly Uint8Array[] {
  const tables = [AF.INET, AF.INET6].filter((each) => family === 0 || family === each);
  if (tables.length === 0) throw new SysctlRefusal(`no table of family ${family}`);
  const byFlags = operation === NET_RT.FLAGS || operation === NET_RT.FLAGS_PRIV;
  return tables
    .flatMap((each) => kernel.tables[each].entries)
    .filter((entry) => !byFlags || (visibleFlags(entry) & flags) !== 0)
    .map((entry) => dumpRoute(entry, operation === NET_RT.DUMP2));
}

function dumpRoute(entry: RouteEntry, wide: boolean): Uint8Array {
  const type = wide ? RTM.GET2 : RTM.GET;
  const sockaddrs = { ...entrySockaddrs(entry, type), [RTAX.IFA]: entry.address.sockaddr };
  const { bytes, view, addrs } = draftMessage(type, sockaddrs, "padded");
  view.setUint16(4, entry.interface.index, true);
  view.setUint32(8, visibleFlags(entry), true);
  view.setUint32(12, addrs, true);
  if (wide) {
    view.setInt32(16, entry.references, true);
    view.setUint32(20, entry.parent === null ? 0 : visibleFlags(entry.parent), true);
  }
  writeMetrics(view, entry.metrics);
  return bytes;
}

/**
 * The interface lists. XNU fills one set of sockaddrs for all messages of a NET_RT_IFLIST2 and forgets to clear
 * the gateway that the last group of an interface left in it: the next interface and its addresses carry it
 * too. As it measures the answer by a first pass, the last interface leaks into the first one.
 */
function listInterfaces(
  kernel: Kernel,
  family: number,
  operation: number,
  index: number,
): readonly Uint8Array[] {
  const wide = operation === NET_RT.IFLIST2;
  const owners = attachedInterfaces(kernel).filter((owner) => index === 0 || owner.index === index);
  const groups = owners.map((owner) =>
    wide ? owner.groups.filter(({ sockaddr }) => isOf(family, sockaddr)) : [],
  );
  const lastGroups = groups.filter((each) => each.length > 0);
  let leaked = lastGroups.at(-1)?.at(-1)?.link?.sockaddr ?? null;
  return owners.flatMap((owner, at) => {
    const own = groups[at] ?? [];
    const messages = [
      listInterface(owner, wide, kernel.now, leaked),
      ...owner.addresses
        .filter(({ sockaddr }) => isOf(family, sockaddr))
        .map((address) => listAddress(address, leaked)),
      ...own.map((group) => listGroup(owner, group)),
    ];
    if (own.length > 0) leaked = own.at(-1)?.link?.sockaddr ?? null;
    return messages;
  });
}

function isOf(family: number, sockaddr: Uint8Array): boolean {
  return family === 0 || familyOf(sockaddr) === family;
}

function listInterface(
  owner: Interface,
  wide: boolean,
  now: number,
  leaked: Uint8Array | null,
): Uint8Array {
  const type = wide ? RTM.IFINFO2 : RTM.IFINFO;
  const sockaddrs = { [RTAX.GATEWAY]: leaked, [RTAX.IFP]: owner.linkAddress };
  const draft = draftMessage(type, sockaddrs, "padded");
  writeInterface(draft, owner, now);
  return draft.bytes;
}

function listAddress(address: InterfaceAddress, leaked: Uint8Array | null): Uint8Array {
  const sockaddrs = {
    [RTAX.GATEWAY]: leaked,
    [RTAX.NETMASK]: address.netmask,
    [RTAX.IFA]: address.sockaddr,
    [RTAX.BRD]: address.destination,
  };
  const draft = draftMessage(RTM.NEWADDR, sockaddrs, "padded");
  writeAddress(draft, address);
  return draft.bytes;
}

function listGroup(owner: Interface, group: MulticastGroup): Uint8Array {
  const sockaddrs = {
    [RTAX.GATEWAY]: group.link?.sockaddr ?? null,
    [RTAX.IFP]: owner.linkAddress,
    [RTAX.IFA]: group.sockaddr,
  };
  const { bytes, view, addrs } = draftMessage(RTM.NEWMADDR2, sockaddrs, "padded");
  view.setUint32(4, addrs, true);
  view.setUint16(12, owner.index, true);
  view.setInt32(16, group.members, true);
  return bytes;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
