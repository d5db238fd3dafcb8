import { FileDescriptor } from "../file-descriptor.ts";
import { openSocket, sendto } from "../socket-call.ts";
import { checkResult } from "../syscall-error.ts";
import { SOCK_CLOEXEC, SOCK_NONBLOCK } from "./socket-constants.ts";

// linux/socket.h, linux/net.h, linux/un.h.
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const MSG_NOSIGNAL = 0x4000;
const longestName = 108;

/** A socket for datagrams to one Unix socket, which need not be there yet. Disposing of it closes it. */
export interface NotifySocket extends Disposable {
  /**
   * Sends one datagram. It is addressed anew each time, so that a receiver that began anew is found.
   *
   * @throws SyscallError: EAGAIN when the receiver's queue is full, ECONNREFUSED or ENOENT when nobody receives
   */
  send(bytes: Uint8Array): void;
}

/**
 * Opens a datagram socket (unix(7)).
 *
 * @param name of the receiver: a path, or `@` and an abstract name
 * @throws RangeError for a name that no Unix socket can have; SyscallError
 */
export function openNotifySocket(name: string): NotifySocket {
  const address = unixAddress(name);
  const opened = openSocket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const descriptor = new FileDescriptor(checkResult(opened, "socket", "open a datagram socket"));
  return {
    send(bytes) {
      const { fd } = descriptor;
      const sent = sendto(fd, bytes, bytes.length, MSG_NOSIGNAL, address, address.length);
      checkResult(sent, "sendto", `send to ${name}`);
    },
    [Symbol.dispose]: () => descriptor[Symbol.dispose](),
  };
}

/**
 * struct sockaddr_un: family, name. A path ends with a zero; an abstract name begins with one, and its length is
 * that of the address.
 *
 * @throws RangeError
 */
export function unixAddress(name: string): Uint8Array {
  const isAbstract = name.startsWith("@");
  const text = new TextEncoder().encode(isAbstract ? `\0${name.slice(1)}` : `${name}\0`);
  if (text.length > longestName || text.length < 2)
    throw new RangeError(`cannot address a Unix socket: "${name}" is no name for one`);
  const address = new Uint8Array(2 + text.length);
  new Uint16Array(address.buffer, 0, 1)[0] = AF_UNIX;
  address.set(text, 2);
  return address;
}
