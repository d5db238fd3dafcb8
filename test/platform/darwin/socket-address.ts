import { AF } from "../../../src/wire/pfroute/constants.ts";

/** The families that have a routing table. */
export type TableFamily = typeof AF.INET | typeof AF.INET6;

/** An address as the routing table keys it: its scope is part of the key. */
export interface ScopedAddress {
  readonly family: TableFamily;
  /** 4 or 16 bytes; a link-local IPv6 address carries its scope in bytes 2 and 3 as well. */
  readonly bytes: Uint8Array;
  /** An interface index, or 0. */
  readonly scope: number;
}

export function isTableFamily(family: number): family is TableFamily {
  return family === AF.INET || family === AF.INET6;
}

export function familyOf(sockaddr: Uint8Array): number {
  return sockaddr[1] ?? 0;
}

/** Reads a whole sockaddr_in or sockaddr_in6; missing bytes count as 0. */
export function scopedAddressOf(sockaddr: Uint8Array): ScopedAddress {
  const whole = new Uint8Array(28);
  whole.set(sockaddr.subarray(0, 28));
  const view = new DataView(whole.buffer);
  return familyOf(sockaddr) === AF.INET
    ? { family: AF.INET, bytes: whole.slice(4, 8), scope: view.getUint32(8, true) }
    : { family: AF.INET6, bytes: whole.slice(8, 24), scope: view.getUint32(24, true) };
}

/** A sockaddr_in of 16 or a sockaddr_in6 of 28 bytes, with the scope in sin_zero or sin6_scope_id. */
export function sockaddrOf({ family, bytes, scope }: ScopedAddress): Uint8Array {
  const inet = family === AF.INET;
  const sockaddr = new Uint8Array(inet ? 16 : 28);
  sockaddr.set([sockaddr.length, family]);
  sockaddr.set(bytes, inet ? 4 : 8);
  new DataView(sockaddr.buffer).setUint32(inet ? 8 : 24, scope, true);
  return sockaddr;
}

/** Writes a scope into a sockaddr_in or sockaddr_in6. */
export function setScope(sockaddr: Uint8Array, scope: number): void {
  const at = familyOf(sockaddr) === AF.INET ? 8 : 24;
  new DataView(sockaddr.buffer, sockaddr.byteOffset).setUint32(at, scope, true);
}

export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}

export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** Link-local unicast, and multicast of interface-local and link-local scope: bytes 2 and 3 hold the scope. */
export function embedsScope({ family, bytes }: Pick<ScopedAddress, "family" | "bytes">): boolean {
  if (family !== AF.INET6) return false;
  const [first = 0, second = 0] = bytes;
  if (first === 0xfe) return (second & 0xc0) === 0x80;
  return first === 0xff && [1, 2].includes(second & 0x0f);
}

/** The scope that an IPv6 address carries in bytes 2 and 3. */
export function embeddedScopeOf(bytes: Uint8Array): number {
  return ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
}

export function withEmbeddedScope(bytes: Uint8Array, scope: number): Uint8Array {
  const copy = bytes.slice();
  copy.set([scope >> 8, scope & 0xff], 2);
  return copy;
}

/** The same address without a scope id; an embedded scope stays. */
export function withoutScope(address: ScopedAddress): ScopedAddress {
  return { ...address, scope: 0 };
}

/**
 * The form in which the table keeps an address for a request of this scope; scope 0 takes the one that the
 * address has itself, embedded or not.
 */
export function inTableForm(address: ScopedAddress, scope: number): ScopedAddress {
  if (!embedsScope(address)) return { ...address, scope: scope === 0 ? address.scope : scope };
  const embedded = embeddedScopeOf(address.bytes);
  const effective = scope || embedded || address.scope;
  const bytes = effective === 0 ? address.bytes : withEmbeddedScope(address.bytes, effective);
  return { family: address.family, bytes, scope: effective };
}

/** A sockaddr_dl of 20 bytes. */
export function linkSockaddr(
  index: number,
  type: number,
  name: string,
  address: Uint8Array,
): Uint8Array {
  const sockaddr = new Uint8Array(20);
  sockaddr.set([20, AF.LINK, index & 0xff, index >> 8, type, name.length, address.length]);
  sockaddr.set(new TextEncoder().encode(name), 8);
  sockaddr.set(address, 8 + name.length);
  return sockaddr;
}
