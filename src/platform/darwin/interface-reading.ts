import type { InterfaceAddress, NetworkInterface } from "../../network/interface.ts";
import { DecodeError } from "../../wire/decode-error.ts";
import { NET_RT, RTM } from "../../wire/pfroute/constants.ts";
import { darwinFormat } from "../../wire/pfroute/format.ts";
import { decodeMessage } from "../../wire/pfroute/message.ts";
import { walkMessages } from "../../wire/pfroute/message-buffer.ts";
import { routeTableName } from "../../wire/pfroute/sysctl-name.ts";
import {
  type InterfaceMessage,
  translateAddress,
  translateInterface,
} from "./interface-translation.ts";
import type { MediaPort, SysctlPort } from "./routing-socket-port.ts";

/** What the reading of interfaces asks of the host. */
export interface InterfaceReaderOptions {
  readonly sysctl: SysctlPort;
  readonly media: MediaPort;
  /** Called for each address that could not be read and was left out. */
  readonly skipped: (error: DecodeError) => void;
}

/**
 * Reads every interface with its addresses, in the kernel's order.
 *
 * @throws DecodeError when an interface cannot be read; what the ports throw
 */
export function readAllInterfaces(
  options: InterfaceReaderOptions,
): ReadonlyMap<number, NetworkInterface> {
  return readInterfaces(options, 0);
}

/**
 * Reads one interface and its addresses, and nothing of any other; null when there is none of that index.
 *
 * @throws DecodeError when it cannot be read; what the ports throw
 */
export function readInterface(
  options: InterfaceReaderOptions,
  index: number,
): NetworkInterface | null {
  return readInterfaces(options, index).get(index) ?? null;
}

/** The index of every interface, without reading more of them. */
export function readInterfaceIndexes(sysctl: SysctlPort): readonly number[] {
  const indexes: number[] = [];
  const list = sysctl.read(routeTableName(0, NET_RT.IFLIST2, 0));
  const layout = darwinFormat.layouts.get(RTM.IFINFO2);
  if (layout === undefined) return indexes;
  walkMessages(list, (start, end) => {
    if (list[start + 3] === RTM.IFINFO2 && end - start >= layout.headerLength)
      indexes.push(
        (list[start + layout.index] ?? 0) | ((list[start + layout.index + 1] ?? 0) << 8),
      );
  });
  return indexes;
}

/** Each interface is followed by its addresses; index 0 asks for all. */
function readInterfaces(
  { sysctl, media, skipped }: InterfaceReaderOptions,
  wanted: number,
): ReadonlyMap<number, NetworkInterface> {
  const links: InterfaceMessage[] = [];
  const addresses = new Map<number, InterfaceAddress[]>();
  const list = sysctl.read(routeTableName(0, NET_RT.IFLIST2, wanted));
  walkMessages(list, (start, end) => {
    const type = list[start + 3];
    if (type !== RTM.IFINFO2 && type !== RTM.NEWADDR) return;
    try {
      const message = decodeMessage(list.subarray(start, end), darwinFormat);
      if (message.kind === "interface") links.push(message);
      if (message.kind !== "address") return;
      const owner = links.at(-1);
      const address = translateAddress(message, owner?.flags ?? 0);
      if (address === null) return;
      const known = addresses.get(message.index);
      if (known === undefined) addresses.set(message.index, [address]);
      else known.push(address);
    } catch (error) {
      if (type !== RTM.NEWADDR || !(error instanceof DecodeError)) throw error;
      skipped(error);
    }
  });
  return new Map(
    links.map((link) => {
      const own = addresses.get(link.index) ?? [];
      return [link.index, translateInterface(link, media, own)];
    }),
  );
}
