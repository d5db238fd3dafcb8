import type { InterfaceAddress, NetworkInterface } from "../../network/interface.ts";
import { decodeAddress } from "../../wire/netlink/address.ts";
import { decodeLink, type LinkMessage } from "../../wire/netlink/link.ts";
import { AF_UNSPEC, RTM_NEWADDR, RTM_NEWLINK } from "../../wire/netlink/message-constants.ts";
import { forEachReply } from "../../wire/netlink/reply.ts";
import {
  encodeGetAddressDump,
  encodeGetLink,
  encodeGetLinkDump,
} from "../../wire/netlink/request.ts";
import { interfaceKindOf } from "./interface-kind.ts";
import { KernelError } from "./kernel-error.ts";
import { translateAddress, translateLink } from "./link-translation.ts";
import { type DumpReader, type Requester, refused } from "./requester.ts";

export interface InterfaceReaderOptions {
  readonly requester: Requester;
  /** Whether a device without a kind of its own is a radio, by name. */
  readonly isWireless: (name: string) => boolean;
}

type AddressesByInterface = ReadonlyMap<number, readonly InterfaceAddress[]>;

/**
 * Reads one interface and its addresses, and nothing of any other; null when there is none of that index.
 *
 * @throws PlatformError
 */
export async function readInterface(
  options: InterfaceReaderOptions,
  index: number,
  signal: AbortSignal,
): Promise<NetworkInterface | null> {
  const action = `read interface ${index}`;
  const encode = (seq: number): Uint8Array => encodeGetLink(seq, index);
  const link = options.requester.ask(action, encode, decodeLink);
  if (link instanceof KernelError) {
    if (link.code === "ENODEV") return null;
    throw refused(action, link);
  }
  const addresses = await readAddresses(options.requester, index, signal);
  if (addresses === null) return null;
  return interfaceOf(options, link, addresses);
}

/**
 * Reads every interface with its addresses, in the kernel's order.
 *
 * @throws PlatformError
 */
export async function readAllInterfaces(
  options: InterfaceReaderOptions,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, NetworkInterface>> {
  const action = "read the interfaces";
  const links = await options.requester.dump(action, encodeGetLinkDump, linkReader, signal);
  if (links instanceof KernelError) throw refused(action, links);
  const addresses = (await readAddresses(options.requester, 0, signal)) ?? new Map();
  return new Map(links.map((link) => [link.index, interfaceOf(options, link, addresses)]));
}

function interfaceOf(
  options: InterfaceReaderOptions,
  link: LinkMessage,
  addresses: AddressesByInterface,
): NetworkInterface {
  const kind = interfaceKindOf(link, options.isWireless);
  return translateLink(link, kind, addresses.get(link.index) ?? []);
}

/**
 * The addresses of one interface, or of all (index 0), by its index; null when the interface is gone.
 *
 * @throws PlatformError
 */
export async function readAddresses(
  requester: Requester,
  index: number,
  signal: AbortSignal,
): Promise<AddressesByInterface | null> {
  const action = index === 0 ? "read the addresses" : `read the addresses of interface ${index}`;
  const encode = (seq: number): Uint8Array => encodeGetAddressDump(seq, AF_UNSPEC, index);
  const addresses = await requester.dump(action, encode, addressReader, signal);
  if (!(addresses instanceof KernelError)) return addresses;
  if (addresses.code === "ENODEV") return null;
  throw refused(action, addresses);
}

function linkReader(): DumpReader<readonly LinkMessage[]> {
  const links: LinkMessage[] = [];
  return {
    take: (buffer, seq) =>
      forEachReply(buffer, buffer.length, seq, (type, offset, length) => {
        if (type === RTM_NEWLINK) links.push(decodeLink(buffer.subarray(offset, offset + length)));
      }),
    finish: () => links,
  };
}

function addressReader(): DumpReader<AddressesByInterface> {
  const addresses = new Map<number, InterfaceAddress[]>();
  const nowMs = Date.now();
  return {
    take: (buffer, seq) =>
      forEachReply(buffer, buffer.length, seq, (type, offset, length) => {
        if (type !== RTM_NEWADDR) return;
        const message = decodeAddress(buffer.subarray(offset, offset + length));
        const address = translateAddress(message, nowMs);
        if (address === null) return;
        const known = addresses.get(message.index);
        if (known === undefined) addresses.set(message.index, [address]);
        else known.push(address);
      }),
    finish: () => addresses,
  };
}
