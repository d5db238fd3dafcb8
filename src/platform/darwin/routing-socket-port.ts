/** How a PF_ROUTE socket is opened. */
interface RoutingSocketOptions {
  /** What is asked of the kernel (SO_RCVBUF); null leaves its default of 8192 bytes, 57 route messages. */
  readonly receiveBufferBytes: number | null;
  /** SO_USELOOPBACK: whether the socket hears the answers to its own requests. */
  readonly useLoopback: boolean;
  /** Called when datagrams may wait, again and again until `receive` has given null. */
  readonly onReadable: () => void;
}

/** One open PF_ROUTE socket. */
export interface RoutingSocket {
  /** What the kernel granted. */
  readonly receiveBufferBytes: number;

  /**
   * Writes one request.
   *
   * @returns the errno of the write in Darwin's numbers, 0 when the kernel did as asked. The answer itself
   *   is a datagram that `receive` gives; it can be lost without any sign when the buffer is full.
   */
  send(request: Uint8Array): number;

  /** The next datagram, valid until the next call, or null when none waits. */
  receive(): Uint8Array | null;

  close(): void;
}

/** The kernel's routing sockets, as a platform needs them. */
export interface RoutingSocketPort {
  /** What the kernel writes as rtm_pid into the answers to our requests. */
  readonly pid: number;

  open(options: RoutingSocketOptions): RoutingSocket;
}

/** The kernel's sysctl tree, as a platform needs it. */
export interface SysctlPort {
  /** The whole answer; read again by itself when it grew meanwhile. */
  read(name: readonly number[]): Uint8Array;
}

/** The two clocks, in ms since boot (`Uptime`). */
export interface ClockPort {
  read(): { readonly awakeMs: number; readonly totalMs: number };
}

/**
 * A second doorbell, for what the routing socket does not tell: an interface that gains or loses its carrier posts
 * a kernel event and no routing message.
 */
export interface DoorbellPort {
  /** Calls back when something about the network changed, whatever it was. */
  listen(ring: () => void): Disposable;
}

/** Asks the routers on a link to announce themselves (RFC 4861). */
export interface SolicitationPort {
  solicit(interfaceIndex: number): void;
}

/** The processes of this machine. */
export interface ProcessPort {
  /** The name of the program, never its arguments; null for a process that is gone. */
  nameOf(pid: number): string | null;
}

/** What the medium of an interface says. */
export interface InterfaceMedium {
  /** Whether a cable or a network is there; null where the driver does not know. */
  readonly active: boolean | null;
  readonly wireless: boolean;
}

/** The media of interfaces, which neither sysctl nor routing messages tell. */
export interface MediaPort {
  /** Null for an interface without a medium, such as a tunnel. */
  read(interfaceName: string): InterfaceMedium | null;
}
