import { DecodeError } from "../decode-error.ts";
import { AF } from "./constants.ts";

interface InetSockaddr {
  readonly kind: "inet";
  readonly address: Uint8Array;
  /** Darwin keeps the scope of a neighbour here (sockaddr_inifscope); 0 for none. */
  readonly scopeId: number;
}

interface Inet6Sockaddr {
  readonly kind: "inet6";
  /** 16 bytes, with the embedded scope taken out. */
  readonly address: Uint8Array;
  /** `sin6_scope_id` as it stands on the wire. */
  readonly scopeId: number;
  /** The interface index that bytes 2 and 3 of a link-local address carried; 0 for none. */
  readonly embeddedScope: number;
}

interface LinkSockaddr {
  readonly kind: "link";
  /** 0 where only the name says which interface. */
  readonly index: number;
  /** IFT_* of net/if_types.h. */
  readonly interfaceType: number;
  readonly name: string;
  /** The link-layer address; empty where there is none. */
  readonly address: Uint8Array;
}

/** A sockaddr of a family that this codec does not read, or of length 0 (family 0, no bytes). */
interface OtherSockaddr {
  readonly kind: "other";
  readonly family: number;
  readonly bytes: Uint8Array;
}

export type Sockaddr = InetSockaddr | Inet6Sockaddr | LinkSockaddr | OtherSockaddr;

const inetLength = 16;
const inet6Length = 28;
const linkLength = 20;
const linkHeaderLength = 8;

/**
 * Reads one sockaddr, whose bytes are exactly `sa_len` long. Never for a netmask: the family byte of a
 * kernel mask is filler (0xff).
 *
 * @throws DecodeError
 */
export function decodeSockaddr(bytes: Uint8Array): Sockaddr {
  if (bytes.length === 0 || bytes[0] === 0) return { kind: "other", family: AF.UNSPEC, bytes };
  const family = bytes[1];
  if (family === undefined)
    throw new DecodeError("malformed", "cannot read a sockaddr: it has no family");
  switch (family) {
    case AF.INET:
      return decodeInet(bytes);
    case AF.INET6:
      return decodeInet6(bytes);
    case AF.LINK:
      return decodeLink(bytes);
    default:
      return { kind: "other", family, bytes };
  }
}

function decodeInet(bytes: Uint8Array): InetSockaddr {
  if (bytes.length < 8) throw tooShort("sockaddr_in", bytes, 8);
  const scopeId = bytes.length < 12 ? 0 : viewOf(bytes).getUint32(8, true);
  return { kind: "inet", address: bytes.subarray(4, 8), scopeId };
}

function decodeInet6(bytes: Uint8Array): Inet6Sockaddr {
  if (bytes.length < 24) throw tooShort("sockaddr_in6", bytes, 24);
  const scopeId = bytes.length < inet6Length ? 0 : viewOf(bytes).getUint32(24, true);
  const address = bytes.subarray(8, 24);
  const embeddedScope = embedsScope(address) ? viewOf(address).getUint16(2) : 0;
  if (embeddedScope === 0) return { kind: "inet6", address, scopeId, embeddedScope };
  const plain = address.slice();
  plain.fill(0, 2, 4);
  return { kind: "inet6", address: plain, scopeId, embeddedScope };
}

function decodeLink(bytes: Uint8Array): LinkSockaddr {
  if (bytes.length < linkHeaderLength) throw tooShort("sockaddr_dl", bytes, linkHeaderLength);
  const nameEnd = linkHeaderLength + (bytes[5] ?? 0);
  const addressEnd = nameEnd + (bytes[6] ?? 0);
  if (addressEnd > bytes.length) throw tooShort("sockaddr_dl", bytes, addressEnd);
  return {
    kind: "link",
    index: viewOf(bytes).getUint16(2, true),
    interfaceType: bytes[4] ?? 0,
    name: String.fromCharCode(...bytes.subarray(linkHeaderLength, nameEnd)),
    address: bytes.subarray(nameEnd, addressEnd),
  };
}

/**
 * Whether the kernel keeps the interface index in bytes 2 and 3 of the address: fe80::/10 and multicast of
 * interface-local (ff01) and link-local (ff02) scope.
 */
export function embedsScope(address: Uint8Array): boolean {
  const [first = 0, second = 0] = address;
  if (first === 0xfe) return (second & 0xc0) === 0x80;
  return first === 0xff && ((second & 0x0f) === 1 || (second & 0x0f) === 2);
}

/** A sockaddr_in of 16 bytes. */
export function encodeInet(address: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(inetLength);
  bytes[0] = inetLength;
  bytes[1] = AF.INET;
  bytes.set(address, 4);
  return bytes;
}

/**
 * A sockaddr_in6 of 28 bytes. A scope other than 0 goes into bytes 2 and 3 of the address: with
 * `sin6_scope_id` alone XNU answers ENETUNREACH, or stores a gateway without its scope.
 */
export function encodeInet6(address: Uint8Array, embeddedScope: number): Uint8Array {
  const bytes = new Uint8Array(inet6Length);
  bytes[0] = inet6Length;
  bytes[1] = AF.INET6;
  bytes.set(address, 8);
  if (embeddedScope !== 0) viewOf(bytes).setUint16(10, embeddedScope);
  return bytes;
}

/** A sockaddr_dl of 20 bytes that names an interface by its index alone; index 0 asks for any. */
export function encodeLink(index: number): Uint8Array {
  const bytes = new Uint8Array(linkLength);
  bytes[0] = linkLength;
  bytes[1] = AF.LINK;
  viewOf(bytes).setUint16(2, index, true);
  return bytes;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function tooShort(what: string, bytes: Uint8Array, needed: number): DecodeError {
  return new DecodeError(
    "malformed",
    `cannot read a ${what}: it has ${bytes.length} bytes and needs ${needed}`,
  );
}
