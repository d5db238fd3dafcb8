import koffi from "koffi";
import { FileDescriptor } from "../file-descriptor.ts";
import { libcFunction } from "../libc.ts";
import { openSocket } from "../socket-call.ts";
import { getIntegerSocketOption, setSocketOption } from "../socket-option.ts";
import { checkResult, SyscallError } from "../syscall-error.ts";
import { watchReadable } from "../watch-readable.ts";
import { setCloseOnExec } from "./close-on-exec.ts";
import { DARWIN } from "./constants.ts";

const write = libcFunction<[fd: number, bytes: Uint8Array, length: number], number>(
  "intptr_t write(int fd, const void *bytes, size_t length)",
);
const recv = libcFunction<[fd: number, bytes: Uint8Array, length: number, flags: number], number>(
  "intptr_t recv(int fd, void *bytes, size_t length, int flags)",
);

/** rtm_msglen is 16 bits wide: no message is longer. */
const longestMessage = 0xffff;

/** The receive buffer that every routing socket has unless it asks (net/raw_cb.h: RAWRCVQ). */
const defaultReceiveBuffer = 8192;

/** A PF_ROUTE socket that hears of all families. Disposing of it ends its watch and closes it. */
export class DarwinRoutingSocket implements Disposable {
  readonly #descriptor: FileDescriptor;
  readonly #buffer = new Uint8Array(longestMessage + 1);
  #watch: Disposable | null = null;

  private constructor(descriptor: FileDescriptor) {
    this.#descriptor = descriptor;
  }

  /**
   * Opens a socket. Anyone may; who opens it as root may also change routes through it.
   *
   * @throws SyscallError
   */
  static open(): DarwinRoutingSocket {
    const fd = openSocket(DARWIN.AF_ROUTE, DARWIN.SOCK_RAW, 0);
    const descriptor = new FileDescriptor(checkResult(fd, "socket", "open a routing socket"));
    try {
      setCloseOnExec(fd);
      return new DarwinRoutingSocket(descriptor);
    } catch (error) {
      descriptor[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Asks for a receive buffer, for half of it when the kernel refuses the size (ENOBUFS: kern.ipc.maxsockbuf), and
   * so on; gives the bytes granted.
   *
   * @throws SyscallError
   */
  requestReceiveBuffer(bytes: number): number {
    const { fd } = this.#descriptor;
    const { SOL_SOCKET, SO_RCVBUF } = DARWIN;
    for (let wanted = bytes; wanted > defaultReceiveBuffer; wanted = Math.floor(wanted / 2)) {
      try {
        const attempted = `ask for a receive buffer of ${wanted} bytes`;
        setSocketOption(fd, SOL_SOCKET, SO_RCVBUF, wanted, attempted);
        break;
      } catch (error) {
        if (!(error instanceof SyscallError && error.errno === DARWIN.ENOBUFS)) throw error;
      }
    }
    return this.receiveBufferBytes();
  }

  /** The size of the receive buffer as the kernel has it. */
  receiveBufferBytes(): number {
    const attempted = "read the size of a receive buffer";
    return getIntegerSocketOption(
      this.#descriptor.fd,
      DARWIN.SOL_SOCKET,
      DARWIN.SO_RCVBUF,
      attempted,
    );
  }

  /** Whether the socket hears the answers to its own requests (SO_USELOOPBACK, on unless it is set). */
  setUseLoopback(hears: boolean): void {
    const { SOL_SOCKET, SO_USELOOPBACK } = DARWIN;
    const attempted = "choose whether a routing socket hears itself";
    setSocketOption(this.#descriptor.fd, SOL_SOCKET, SO_USELOOPBACK, hears ? 1 : 0, attempted);
  }

  /** Writes one request; gives the errno with which the kernel refused it, or 0. The write never waits. */
  send(request: Uint8Array): number {
    const { fd } = this.#descriptor;
    for (;;) {
      if (write(fd, request, request.length) >= 0) return 0;
      const errno = koffi.errno();
      if (errno !== DARWIN.EINTR) return errno;
    }
  }

  /**
   * The next datagram, null when none waits. It is a view of the socket's own buffer: the next call overwrites it.
   *
   * @throws SyscallError
   */
  receive(): Uint8Array | null {
    const { fd } = this.#descriptor;
    for (;;) {
      const length = recv(fd, this.#buffer, this.#buffer.length, DARWIN.MSG_DONTWAIT);
      if (length >= 0) return this.#buffer.subarray(0, length);
      const errno = koffi.errno();
      if (errno === DARWIN.EAGAIN) return null;
      if (errno !== DARWIN.EINTR)
        throw new SyscallError("recv", errno, "receive from a routing socket");
    }
  }

  /** Calls back while there is something to read; `receive` until null then. One watch a socket. */
  watch(callback: () => void): void {
    this.#watch?.[Symbol.dispose]();
    this.#watch = watchReadable(this.#descriptor.fd, callback);
  }

  [Symbol.dispose](): void {
    this.#watch?.[Symbol.dispose]();
    this.#watch = null;
    this.#descriptor[Symbol.dispose]();
  }
}
