import { getIntegerSocketOption, getSocketOption } from "../socket-option.ts";
import { DARWIN } from "./constants.ts";

export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** struct xucred (sys/ucred.h): u32 version, u32 uid, i16 number of groups and padding, u32 groups[16]. */
export const XUCRED = { size: 76, version: 0, uidAt: 4, groupCountAt: 8, groupsAt: 12 } as const;

/**
 * Who connected to an accepted Unix socket, as the kernel noted it at connect time (LOCAL_PEERCRED, LOCAL_PEERPID:
 * unix(4)).
 *
 * @throws SyscallError when the descriptor is no socket, or its peer is gone (ENOTCONN)
 */
export function readPeerCredentials(fd: number): PeerCredentials {
  const { SOL_LOCAL, LOCAL_PEERCRED, LOCAL_PEERPID } = DARWIN;
  const attempted = "read the peer's credentials";
  const bytes = getSocketOption(fd, SOL_LOCAL, LOCAL_PEERCRED, XUCRED.size, attempted);
  const pid = getIntegerSocketOption(fd, SOL_LOCAL, LOCAL_PEERPID, attempted);
  return { pid, ...decodeXucred(bytes) };
}

/**
 * The user and the effective group of a struct xucred.
 *
 * @throws RangeError when the kernel speaks another version of it
 */
export function decodeXucred(bytes: Uint8Array): Omit<PeerCredentials, "pid"> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== XUCRED.version || view.getInt16(XUCRED.groupCountAt, true) < 1)
    throw new RangeError("cannot read the peer's credentials: they are of another version");
  return { uid: view.getUint32(XUCRED.uidAt, true), gid: view.getUint32(XUCRED.groupsAt, true) };
}
