import type { IpFamily } from "../../network/address.ts";
import type {
  AddressScope,
  InterfaceAddress,
  NetworkInterface,
  OperationalState,
} from "../../network/interface.ts";
import { IFF } from "../../wire/pfroute/constants.ts";
import type { RoutingMessage } from "../../wire/pfroute/message.ts";
import { interfaceKindOf } from "./interface-kind.ts";
import { familyOfSockaddr, textOfSockaddr } from "./route-translation.ts";
import type { MediaPort } from "./routing-socket-port.ts";

/** RTM_IFINFO or RTM_IFINFO2, read. */
export type InterfaceMessage = Extract<RoutingMessage, { kind: "interface" }>;
type AddressMessage = Extract<RoutingMessage, { kind: "address" }>;

/**
 * An interface message and the addresses of its interface, as an interface. IFF_RUNNING says that the driver works,
 * not that there is a carrier: a Mac's empty Ethernet port has it too. So the medium is asked first.
 */
export function translateInterface(
  message: InterfaceMessage,
  media: MediaPort,
  addresses: readonly InterfaceAddress[],
): NetworkInterface {
  const { index, flags, interfaceType, ifp } = message;
  const link = ifp?.kind === "link" ? ifp : null;
  const name = link === null || link.name === "" ? `if${index}` : link.name;
  const medium = media.read(name);
  const up = (flags & IFF.UP) !== 0;
  const carrier = up && (medium?.active ?? (flags & IFF.RUNNING) !== 0);
  return {
    index,
    name,
    kind: interfaceKindOf({ name, interfaceType, flags, wireless: medium?.wireless ?? false }),
    mac: link === null ? null : macOf(link.address),
    mtu: message.mtu,
    up,
    carrier,
    operState: operStateOf(up, carrier),
    addresses,
  };
}

/**
 * An address message as an address; null when it belongs to another family than the two. Lifetimes and the flags of
 * IPv6 addresses stand in no routing message.
 *
 * @param interfaceFlags IFF_* of its interface
 */
export function translateAddress(
  message: AddressMessage,
  interfaceFlags: number,
): InterfaceAddress | null {
  const family = familyOfSockaddr(message.ifa);
  const address = textOfSockaddr(message.ifa);
  if (family === null || address === null) return null;
  const bits = family === "ipv4" ? 32 : 128;
  const other = textOfSockaddr(message.brd);
  const isPeer = (interfaceFlags & IFF.POINTOPOINT) !== 0 && other !== address;
  return {
    family,
    address,
    prefixLength: message.prefixLength ?? bits,
    scope: scopeOf(family, address),
    flags: [],
    peer: isPeer ? other : null,
    validUntil: null,
    preferredUntil: null,
  };
}

function operStateOf(up: boolean, carrier: boolean): OperationalState {
  if (!up) return "down";
  return carrier ? "up" : "lower-layer-down";
}

function macOf(address: Uint8Array): string | null {
  if (address.length !== 6) return null;
  return Array.from(address, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** By the address itself: RFC 4291 section 2.4, RFC 3927, RFC 1122 section 3.2.1.3. */
function scopeOf(family: IpFamily, address: string): AddressScope {
  if (family === "ipv4") {
    if (address.startsWith("127.")) return "host";
    return address.startsWith("169.254.") ? "link" : "global";
  }
  if (address === "::1") return "host";
  if (/^fe[89ab]/.test(address)) return "link";
  return /^fe[c-f]/.test(address) ? "site" : "global";
}
