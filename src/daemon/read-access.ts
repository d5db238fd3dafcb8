import type { Socket } from "node:net";
import { AdminError } from "./admin-error.ts";
import type { Config, ReadAccess } from "./config.ts";
import type { Logger } from "./logger.ts";
import type { SocketAccess } from "./socket-file.ts";
import { findSystemGroup, type SystemGroup } from "./system-group.ts";

/** Who is at the other end of a connection, by the kernel's word. */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** Null where the system does not tell. */
export type ReadPeer = (socket: Socket) => PeerCredentials | null;

/** Who may read over the admin socket. */
export interface AccessPolicy {
  readonly read: ReadAccess;
  readonly groupName: string;
  /** Null when the system has no such group: then nobody is in it. */
  readonly group: SystemGroup | null;
  /** The daemon's own user, who may always read, as root may. */
  readonly ownUid: number;
}

/** Looks up what `[admin]` means on this host. A group that is missing lets nobody in, and is said. */
export async function accessPolicy(
  admin: Config["admin"],
  ownUid: number,
  log: Logger,
): Promise<AccessPolicy> {
  const group = await findSystemGroup(admin.group);
  if (admin.read === "group" && group === null) {
    log.warn(
      `there is no group ${admin.group}, so only root and the daemon's own user may read; make it, or set [admin] read`,
    );
  }
  return { read: admin.read, groupName: admin.group, group, ownUid };
}

/** What the socket file must be for the policy to be felt already when connecting. */
export function socketAccess({ read, group }: AccessPolicy): SocketAccess {
  return {
    mode: read === "all" ? 0o666 : 0o660,
    gid: read === "group" ? (group?.gid ?? null) : null,
  };
}

/**
 * Lets a reader pass. The peer is asked for only when it matters.
 *
 * @throws AdminError 403 with what would let it pass
 */
export function checkMayRead(policy: AccessPolicy, readPeer: () => PeerCredentials | null): void {
  if (policy.read === "all") return;
  const peer = readPeer();
  if (peer !== null && (peer.uid === 0 || peer.uid === policy.ownUid)) return;
  if (peer !== null && policy.read === "group" && isMember(peer, policy.group)) return;
  throw new AdminError(
    403,
    "forbidden",
    peer === null
      ? "this system does not say who is asking, and not everybody may read"
      : `user ${peer.uid} may not read`,
    policy.read === "group"
      ? `ask as root, or have the user added to the group ${policy.groupName}`
      : 'ask as root, or have [admin] read = "all" put into the daemon\'s configuration',
  );
}

/**
 * Lets one pass who may change routes: root, the daemon's own user, and members of the group, by the kernel's word.
 *
 * @throws AdminError 403 with what would let it pass
 */
export function checkMayChange(policy: AccessPolicy, readPeer: () => PeerCredentials | null): void {
  const peer = readPeer();
  if (peer !== null && (peer.uid === 0 || peer.uid === policy.ownUid)) return;
  if (peer !== null && isMember(peer, policy.group)) return;
  throw new AdminError(
    403,
    "forbidden",
    peer === null
      ? "this system does not say who is asking, and not everybody may change routes"
      : `user ${peer.uid} may not change routes`,
    `ask as root, such as with sudo, or have the user added to the group ${policy.groupName}`,
  );
}

function isMember(peer: PeerCredentials, group: SystemGroup | null): boolean {
  return group !== null && (peer.gid === group.gid || group.memberUids.has(peer.uid));
}
