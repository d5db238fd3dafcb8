import koffi from "koffi";
import { FileDescriptor } from "../file-descriptor.ts";
import { libcFunction } from "../libc.ts";
import { openSocket, sendto } from "../socket-call.ts";
import { getIntegerSocketOption, getSocketOption, setSocketOption } from "../socket-option.ts";
import { checkResult, SyscallError } from "../syscall-error.ts";
import { watchReadable } from "../watch-readable.ts";
import { SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW } from "./socket-constants.ts";
import { attachSocketFilter, type FilterInstruction } from "./socket-filter.ts";

const bindSocket = libcFunction<[fd: number, address: Uint8Array, length: number], number>(
  "int bind(int fd, const void *address, uint32_t length)",
);
const getsockname = libcFunction<[fd: number, address: Uint8Array, length: Uint32Array], number>(
  "int getsockname(int fd, void *address, void *length)",
);
const recvfrom = libcFunction<
  [
    fd: number,
    bytes: Uint8Array,
    length: number,
    flags: number,
    address: Uint8Array,
    addressLength: Uint32Array,
  ],
  number
>(
  "intptr_t recvfrom(int fd, void *bytes, size_t length, int flags, void *address, void *addressLength)",
);

// linux/socket.h, asm-generic/socket.h, linux/netlink.h.
const AF_NETLINK = 16;
const NETLINK_ROUTE = 0;
const MSG_PEEK = 0x02;
const MSG_TRUNC = 0x20;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVTIMEO = 20;
const SO_RCVBUFFORCE = 33;
const SO_MEMINFO = 55;
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;

/** Switches of a netlink socket (netlink(7)), by the option's number. */
const switches = { capAck: 10, extAck: 11, strictCheck: 12 } as const;

/** One received datagram. `bytes` is a view of the socket's own buffer: the next receive overwrites it. */
export interface Datagram {
  readonly bytes: Uint8Array;
  /** nl_pid of the sender's address: 0 is the kernel, and nothing else can claim to be it. */
  readonly senderPortId: number;
  /** The datagram was longer than the buffer, which has grown since: `bytes` is its beginning. */
  readonly truncated: boolean;
}

/** A socket of the NETLINK_ROUTE family with its own port id. Disposing of it ends its watch and closes it. */
export class NetlinkSocket implements Disposable {
  /** Port id that the kernel gave (netlink(7): nl_pid). */
  readonly portId: number;
  readonly #descriptor: FileDescriptor;
  readonly #sender = new Uint8Array(12);
  readonly #senderView = new DataView(this.#sender.buffer);
  readonly #senderLength = new Uint32Array(1);
  #buffer: Uint8Array;
  #watch: Disposable | null = null;

  private constructor(descriptor: FileDescriptor, portId: number, bufferBytes: number) {
    this.#descriptor = descriptor;
    this.portId = portId;
    this.#buffer = new Uint8Array(bufferBytes);
  }

  /**
   * Opens and binds a socket; `bufferBytes` is the size that the buffer begins with. It gets the first of
   * `portIds` that is free, or one of the kernel's choice.
   *
   * @throws SyscallError
   */
  static open(options: {
    nonBlocking: boolean;
    bufferBytes: number;
    portIds?: readonly number[];
  }): NetlinkSocket {
    const type = SOCK_RAW | SOCK_CLOEXEC | (options.nonBlocking ? SOCK_NONBLOCK : 0);
    const fd = openSocket(AF_NETLINK, type, NETLINK_ROUTE);
    const descriptor = new FileDescriptor(checkResult(fd, "socket", "open a netlink socket"));
    try {
      return new NetlinkSocket(
        descriptor,
        bindToPort(fd, options.portIds ?? []),
        options.bufferBytes,
      );
    } catch (error) {
      descriptor[Symbol.dispose]();
      throw error;
    }
  }

  /** The number, for one system call; never to be kept. */
  get fd(): number {
    return this.#descriptor.fd;
  }

  /** Joins a multicast group by its number (RTNLGRP_*). */
  join(group: number): void {
    const attempted = `join netlink group ${group}`;
    setSocketOption(this.fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group, attempted);
  }

  /** Turns on extended acknowledgements, strict checking of requests, or acknowledgements without the request. */
  enable(name: keyof typeof switches): void {
    setSocketOption(this.fd, SOL_NETLINK, switches[name], 1, `set ${name} on a netlink socket`);
  }

  /**
   * Asks for a receive buffer, beyond the limit of net.core.rmem_max where the kernel allows it, and gives the
   * bytes granted. The kernel doubles the value for its own bookkeeping (socket(7)); the grant is not doubled.
   */
  requestReceiveBuffer(bytes: number): number {
    const attempted = `ask for a receive buffer of ${bytes} bytes`;
    try {
      setSocketOption(this.fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes, attempted);
    } catch (error) {
      if (!(error instanceof SyscallError && error.code === "EPERM")) throw error;
      setSocketOption(this.fd, SOL_SOCKET, SO_RCVBUF, bytes, attempted);
    }
    return getIntegerSocketOption(this.fd, SOL_SOCKET, SO_RCVBUF, attempted) / 2;
  }

  /** How many messages the kernel had to drop for want of room; what a filter refused does not count (sock_diag(7)). */
  droppedMessages(): number {
    // An array of 32-bit numbers, linux/sock_diag.h: SK_MEMINFO_DROPS is the ninth.
    const bytes = getSocketOption(this.fd, SOL_SOCKET, SO_MEMINFO, 36, "count dropped messages");
    return new Uint32Array(bytes.slice().buffer)[8] ?? 0;
  }

  /** Makes the kernel drop what the program refuses, replies to requests included. */
  attachFilter(program: readonly FilterInstruction[]): void {
    attachSocketFilter(this.fd, program);
  }

  /** How long a receive on a blocking socket waits before it gives null; 0 is for ever. */
  setReceiveTimeout(timeoutMs: number): void {
    const microseconds = Math.ceil(timeoutMs * 1000);
    // struct timeval of a platform with 64-bit long.
    const value = BigInt64Array.of(
      BigInt(Math.floor(microseconds / 1e6)),
      BigInt(microseconds % 1e6),
    );
    setSocketOption(this.fd, SOL_SOCKET, SO_RCVTIMEO, value, "set a receive timeout");
  }

  /** Sends one datagram, to the kernel unless another port id is given. */
  send(bytes: Uint8Array, portId = 0): void {
    const address = netlinkAddress(portId);
    const sent = sendto(this.fd, bytes, bytes.length, 0, address, address.length);
    checkResult(sent, "sendto", "send a netlink request");
  }

  /**
   * Takes the next datagram; null when none waits (non-blocking) or none came in time (receive timeout). A
   * datagram longer than the buffer is cut and marked; the buffer grows for the next one.
   *
   * @throws SyscallError: ENOBUFS when the kernel had to drop messages; the socket works on after it
   */
  receive(): Datagram | null {
    const length = this.#receiveInto(this.#buffer.length, MSG_TRUNC);
    if (length === null) return null;
    const truncated = length > this.#buffer.length;
    const bytes = this.#buffer.subarray(0, Math.min(length, this.#buffer.length));
    if (truncated) this.#grow(length);
    return { bytes, senderPortId: this.#senderView.getUint32(4, littleEndian), truncated };
  }

  /** As `receive`, but looks at the length first (MSG_PEEK) and grows the buffer, so that nothing is ever cut. */
  receiveWhole(): Datagram | null {
    const length = this.#receiveInto(0, MSG_PEEK | MSG_TRUNC);
    if (length === null) return null;
    if (length > this.#buffer.length) this.#grow(length);
    return this.receive();
  }

  /** Calls back while there is something to read; `receive` until null then. One watch a socket. */
  watch(callback: () => void): void {
    this.#watch?.[Symbol.dispose]();
    this.#watch = watchReadable(this.fd, callback);
  }

  [Symbol.dispose](): void {
    // A poll handle on a closed descriptor would watch whatever gets that number next.
    this.#watch?.[Symbol.dispose]();
    this.#watch = null;
    this.#descriptor[Symbol.dispose]();
  }

  #receiveInto(capacity: number, flags: number): number | null {
    for (;;) {
      this.#senderLength[0] = this.#sender.length;
      const length = recvfrom(
        this.fd,
        this.#buffer,
        capacity,
        flags,
        this.#sender,
        this.#senderLength,
      );
      if (length >= 0) return length;
      const errno = koffi.errno();
      if (errno === koffi.os.errno.EAGAIN) return null;
      if (errno !== koffi.os.errno.EINTR)
        throw new SyscallError("recvfrom", errno, "receive from a netlink socket");
    }
  }

  #grow(length: number): void {
    this.#buffer = new Uint8Array(2 ** Math.ceil(Math.log2(length)));
  }
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** struct sockaddr_nl: family, padding, port id, groups. */
function netlinkAddress(portId: number): Uint8Array {
  const address = new DataView(new ArrayBuffer(12));
  address.setUint16(0, AF_NETLINK, littleEndian);
  address.setUint32(4, portId, littleEndian);
  return new Uint8Array(address.buffer);
}

function bindToPort(fd: number, portIds: readonly number[]): number {
  for (const portId of portIds) {
    const address = netlinkAddress(portId);
    if (bindSocket(fd, address, address.length) === 0) return portId;
    const errno = koffi.errno();
    if (errno !== koffi.os.errno.EADDRINUSE)
      throw new SyscallError("bind", errno, "bind a netlink socket");
  }
  const address = netlinkAddress(0);
  checkResult(bindSocket(fd, address, address.length), "bind", "bind a netlink socket");
  const length = Uint32Array.of(address.length);
  const attempted = "read the port id of a netlink socket";
  checkResult(getsockname(fd, address, length), "getsockname", attempted);
  return new DataView(address.buffer).getUint32(4, littleEndian);
}
