import { formatIpAddress } from "../../network/address.ts";
import type { InterfaceAddress } from "../../network/interface.ts";
import type { RoutingLink } from "../../platform/route-inquiry.ts";
import { decodeLink, type LinkMessage } from "../../wire/netlink/link.ts";
import { IFF_LOOPBACK, IFF_NOARP, IFF_POINTOPOINT } from "../../wire/netlink/link-constants.ts";
import { decodeLinkInfo, type LinkInfo } from "../../wire/netlink/link-info.ts";
import { RTM_NEWLINK } from "../../wire/netlink/message-constants.ts";
import { forEachReply } from "../../wire/netlink/reply.ts";
import { encodeGetLinkDump } from "../../wire/netlink/request.ts";
import { interfaceKindOf } from "./interface-kind.ts";
import { readAddresses } from "./interface-reading.ts";
import { KernelError } from "./kernel-error.ts";
import { translateLink } from "./link-translation.ts";
import { type DumpReader, type Requester, refused } from "./requester.ts";

interface FoundLink {
  readonly message: LinkMessage;
  readonly info: LinkInfo;
}

/**
 * Reads every interface as far as routing looks at it.
 *
 * @throws PlatformError
 */
export async function readRoutingLinks(
  requester: Requester,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, RoutingLink>> {
  const action = "read the interfaces";
  const found = await requester.dump(action, encodeGetLinkDump, linkReader, signal);
  if (found instanceof KernelError) throw refused(action, found);
  const addresses = (await readAddresses(requester, 0, signal)) ?? new Map();
  const tables = new Map(
    found.flatMap(({ message, info }) =>
      info.vrfTable === null ? [] : [[message.index, info.vrfTable] as const],
    ),
  );
  return new Map(
    found.map((link) => {
      const { index } = link.message;
      return [index, routingLink(link, addresses.get(index) ?? [], tables)];
    }),
  );
}

function routingLink(
  { message, info }: FoundLink,
  addresses: readonly InterfaceAddress[],
  tables: ReadonlyMap<number, number>,
): RoutingLink {
  const kind = interfaceKindOf(message, () => false);
  const vrf = tables.has(message.index) ? message.index : message.master;
  const table = vrf === null ? undefined : tables.get(vrf);
  return {
    ...translateLink(message, kind, addresses),
    group: message.group ?? 0,
    hasNeighbours: (message.flags & (IFF_NOARP | IFF_POINTOPOINT | IFF_LOOPBACK)) === 0,
    vrf: vrf === null || table === undefined ? null : { index: vrf, table },
    tunnelTo: info.remote === null ? null : formatIpAddress(info.remote),
  };
}

function linkReader(): DumpReader<readonly FoundLink[]> {
  const links: FoundLink[] = [];
  return {
    take: (buffer, seq) =>
      forEachReply(buffer, buffer.length, seq, (type, offset, length) => {
        if (type !== RTM_NEWLINK) return;
        const body = buffer.subarray(offset, offset + length);
        links.push({ message: decodeLink(body), info: decodeLinkInfo(body) });
      }),
    finish: () => links,
  };
}
