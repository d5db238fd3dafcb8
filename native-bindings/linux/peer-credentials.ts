import { getSocketOption } from "../socket-option.ts";

export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

// asm-generic/socket.h.
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;

/**
 * Who connected to an accepted Unix socket, as the kernel noted it at connect time (SO_PEERCRED, unix(7)).
 *
 * @throws SyscallError when the descriptor is no socket
 */
export function readPeerCredentials(fd: number): PeerCredentials {
  const attempted = "read the peer's credentials";
  // struct ucred: three 32-bit integers in host order.
  const bytes = getSocketOption(fd, SOL_SOCKET, SO_PEERCRED, 12, attempted);
  const [pid = 0] = new Int32Array(bytes.slice(0, 4).buffer);
  const [uid = 0, gid = 0] = new Uint32Array(bytes.slice(4, 12).buffer);
  return { pid, uid, gid };
}
