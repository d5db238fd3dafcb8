import type { Socket } from "node:net";
import {
  type LockHolder,
  type LockSystem,
  managementLockName,
  managementLockPath,
} from "../routes/journal/management-lock.ts";

/**
 * How a system keeps one manager: by an abstract Unix socket in each network namespace of Linux, by a locked file on
 * macOS, which has neither.
 *
 * @param readPeer who is at the other end of a Unix socket; null where the system does not tell
 */
export async function openLockSystem(
  system: string,
  readPeer: (socket: Socket) => LockHolder | null,
  path: string = managementLockPath,
): Promise<LockSystem> {
  if (system === "darwin") {
    const { lockFile, readLockHolder } = await import("../../native-bindings/file-lock.ts");
    return { kind: "file", path, lockFile, readHolder: readLockHolder };
  }
  return {
    kind: "abstract-socket",
    name: managementLockName,
    readPeer(socket) {
      const peer = readPeer(socket);
      if (peer === null) throw new Error("the system does not say who is at the other end");
      return peer;
    },
  };
}
