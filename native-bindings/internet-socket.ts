import { bindToAddress, setPeer } from "./bind-address.ts";
import { FileDescriptor } from "./file-descriptor.ts";

/** An address and a port; the scope is the interface's index where the address is link-local, else 0. */
export interface InternetAddress {
  readonly family: "ipv4" | "ipv6";
  /** 4 or 16. */
  readonly bytes: Uint8Array;
  readonly port: number;
  readonly scopeId: number;
}

/** How one system says what an internet socket needs. Every function throws SyscallError. */
export interface SocketDialect {
  /** Opens a socket that child processes do not inherit. */
  open(family: "ipv4" | "ipv6", type: "stream" | "datagram"): number;
  /** struct sockaddr_in or sockaddr_in6. */
  encodeAddress(address: InternetAddress): Uint8Array;
  /** Lets an address be used that an earlier socket's connections still hold (SO_REUSEADDR). */
  allowAddressReuse(fd: number): void;
  /** Keeps IPv4 out of an IPv6 socket (IPV6_V6ONLY). */
  refuseIpv4(fd: number): void;
  bindToInterface(fd: number, family: "ipv4" | "ipv6", to: InterfaceName | null): void;
  /** The index of the interface that a socket is bound to, 0 for none; ENODEV when that has gone. */
  boundInterface(fd: number, family: "ipv4" | "ipv6"): number;
  /** Takes the peer, and with it the interface, from a datagram socket. */
  dissolve(fd: number): void;
}

/** An interface by its name and its index: one system binds by the one, one by the other. */
export interface InterfaceName {
  readonly name: string;
  readonly index: number;
}

/**
 * A TCP or UDP socket before Node has it, and what can be done to it after. Until it is handed over, disposing of it
 * closes it.
 */
export class InternetSocket implements Disposable {
  readonly family: "ipv4" | "ipv6";
  readonly #dialect: SocketDialect;
  readonly #descriptor: FileDescriptor;
  #handedOver: { readonly fd: number; readonly isOpen: () => boolean } | null = null;

  /** @throws SyscallError when no socket can be opened */
  constructor(dialect: SocketDialect, family: "ipv4" | "ipv6", type: "stream" | "datagram") {
    this.family = family;
    this.#dialect = dialect;
    this.#descriptor = new FileDescriptor(dialect.open(family, type));
  }

  /**
   * Lets the socket send and receive by one interface alone; null undoes it.
   *
   * @throws SyscallError: ENODEV or ENXIO when there is no such interface; EPERM on Linux, when the socket is bound
   * already and the caller lacks CAP_NET_RAW
   */
  bindToInterface(to: InterfaceName | null): void {
    this.#dialect.bindToInterface(this.#fd, this.family, to);
  }

  /**
   * The index of the interface that the socket is bound to, or null.
   *
   * @throws SyscallError: ENODEV on Linux, when that interface has gone
   */
  boundInterface(): number | null {
    const index = this.#dialect.boundInterface(this.#fd, this.family);
    return index === 0 ? null : index;
  }

  /** Keeps IPv4 out of an IPv6 socket that has no address yet. */
  refuseIpv4(): void {
    this.#dialect.refuseIpv4(this.#fd);
  }

  /** @throws SyscallError: EADDRINUSE, EADDRNOTAVAIL, EACCES */
  bindToAddress(address: InternetAddress, reuse: boolean): void {
    if (reuse) this.#dialect.allowAddressReuse(this.#fd);
    bindToAddress(this.#fd, this.#dialect.encodeAddress(address));
  }

  /**
   * Binds a datagram socket to another interface, or to none, whatever privileges the caller has, and gives it back
   * the address and the peer that it loses on the way. It sends nothing meanwhile.
   *
   * @throws SyscallError
   */
  rebindDatagrams(
    to: InterfaceName | null,
    own: InternetAddress,
    peer: InternetAddress | null,
    hasLostPort: () => boolean,
  ): void {
    this.#dialect.dissolve(this.#fd);
    if (to !== null) this.bindToInterface(to);
    if (hasLostPort()) this.bindToAddress(own, false);
    if (peer !== null) setPeer(this.#fd, this.#dialect.encodeAddress(peer));
  }

  /**
   * Gives the descriptor to an object of Node's, which closes it from now on.
   *
   * @param isOpen whether that object has not closed it yet
   */
  handOver<Owner>(wrap: (fd: number) => Owner, isOpen: (owner: Owner) => boolean): Owner {
    const { fd } = this.#descriptor;
    const owner = wrap(fd);
    this.#descriptor.release();
    this.#handedOver = { fd, isOpen: () => isOpen(owner) };
    return owner;
  }

  /** Closes the socket, unless it was handed over. */
  [Symbol.dispose](): void {
    if (this.#handedOver === null) this.#descriptor[Symbol.dispose]();
  }

  get #fd(): number {
    if (this.#handedOver === null) return this.#descriptor.fd;
    // The number may be another's by now.
    if (!this.#handedOver.isOpen()) throw new RangeError("cannot use a socket: it is closed");
    return this.#handedOver.fd;
  }
}
