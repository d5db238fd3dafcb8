import type { Kernel } from "./kernel.ts";

/** The bytes that the sender's address takes beside each datagram in a receive buffer. */
const addressLength = 2;

/** SO_RCVBUF of a routing socket unless it is set. */
export const defaultReceiveBuffer = 8192;

/** The kernel's side of a PF_ROUTE socket. */
export interface KernelSocket {
  readonly pid: number;
  /** It was created by root. */
  readonly privileged: boolean;
  /** The family that it was opened for; 0 hears all of them. */
  readonly protocol: number;
  receiveBuffer: number;
  /** SO_USELOOPBACK: it hears the answers to its own requests. */
  useLoopback: boolean;
  /** shutdown(SHUT_RD), shutdown(SHUT_WR). */
  readShut: boolean;
  writeShut: boolean;
  /** A test's own: nothing reaches the socket any more, and nothing says so. */
  deaf: boolean;
  readonly queue: Uint8Array[];
  onDelivery: () => void;
}

export function newSocket(pid: number, privileged: boolean, protocol = 0): KernelSocket {
  return {
    pid,
    privileged,
    protocol,
    receiveBuffer: defaultReceiveBuffer,
    useLoopback: true,
    readShut: false,
    writeShut: false,
    deaf: false,
    queue: [],
    onDelivery: () => undefined,
  };
}

/** Gives a datagram to one socket. When it does not fit it is lost without any sign. */
export function deliver(socket: KernelSocket, datagram: Uint8Array): void {
  if (socket.readShut || socket.deaf) return;
  const used = socket.queue.reduce((sum, each) => sum + each.length + addressLength, 0);
  if (used + datagram.length + addressLength > socket.receiveBuffer) return;
  socket.queue.push(datagram.slice());
  socket.onDelivery();
}

/**
 * Gives a datagram to all sockets.
 *
 * @param family what it is about; sockets that were opened for another one, or for one when it is 0, do not
 *   hear it
 */
export function broadcast(
  kernel: Kernel,
  datagram: Uint8Array,
  family: number,
  except: KernelSocket | null = null,
): void {
  for (const socket of kernel.sockets)
    if (socket !== except && (socket.protocol === 0 || socket.protocol === family))
      deliver(socket, datagram);
}
