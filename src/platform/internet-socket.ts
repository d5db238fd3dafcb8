import type { IpFamily } from "../network/address.ts";

/** An interface by its name and its index: one system binds by the one, one by the other. */
export interface InterfaceName {
  readonly name: string;
  readonly index: number;
}

/** An address and a port; the scope is the interface's index where the address is link-local, else 0. */
export interface InternetAddress {
  readonly family: IpFamily;
  /** 4 or 16. */
  readonly bytes: Uint8Array;
  readonly port: number;
  readonly scopeId: number;
}

/**
 * A TCP or UDP socket before Node has it, and what can be done to it after. Until it is handed over, disposing of it
 * closes it. The kernel's refusals have its name for them as `code`, such as ENODEV.
 */
export interface InternetSocket extends Disposable {
  readonly family: IpFamily;
  /**
   * Lets the socket send and receive by one interface alone; null undoes it. Linux wants CAP_NET_RAW for a socket that
   * is bound already (EPERM).
   */
  bindToInterface(to: InterfaceName | null): void;
  /** The index of the interface that the socket is bound to, or null; ENODEV where the kernel says that it has gone. */
  boundInterface(): number | null;
  /** Keeps IPv4 out of an IPv6 socket that has no address yet. */
  refuseIpv4(): void;
  bindToAddress(address: InternetAddress, reuse: boolean): void;
  /**
   * Binds a datagram socket to another interface, or to none, whatever privileges the caller has, and gives it back
   * the address and the peer that it loses on the way.
   */
  rebindDatagrams(
    to: InterfaceName | null,
    own: InternetAddress,
    peer: InternetAddress | null,
    hasLostPort: () => boolean,
  ): void;
  /** Gives the descriptor to an object of Node's, which closes it from now on; `isOpen` says whether it has. */
  handOver<Owner>(wrap: (fd: number) => Owner, isOpen: (owner: Owner) => boolean): Owner;
}

/** The sockets of an operating system. */
export interface InternetSockets {
  open(family: IpFamily, type: "stream" | "datagram"): InternetSocket;
  /** The index of the interface of this name now, or null. */
  interfaceIndexOf(name: string): number | null;
  /** The name of the interface of this index now, or null. */
  interfaceNameOf(index: number): string | null;
}
