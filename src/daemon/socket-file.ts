import { once } from "node:events";
import { chmodSync, chownSync, existsSync, lstatSync, renameSync, rmSync } from "node:fs";
import type { Server } from "node:net";
import { dirname } from "node:path";
import { longestSocketPath } from "../admin-api/paths.ts";
import { DaemonError, errorCode } from "./daemon-error.ts";
import { prepareSocketDirectory } from "./socket-directory.ts";
import { isStaleSocket } from "./stale-socket.ts";

/** Who may connect: connecting takes write permission (unix(7)). */
export interface SocketAccess {
  readonly mode: number;
  /** The group that the file is given to, or null to leave it. */
  readonly gid: number | null;
}

/** Where to listen, and who may connect. */
export interface SocketPlace extends SocketAccess {
  readonly path: string;
  /** `process.platform`. */
  readonly platform: string;
  readonly uid: number;
  /** The directory must be the user's own: it stands where others could have made it first. */
  readonly ownDirectory: boolean;
}

/** The file of a socket that is listened on. Disposing of it closes the server and removes the file if it is ours. */
export interface SocketFile extends Disposable {
  /**
   * Changes who may connect.
   *
   * @throws DaemonError `not-permitted` when the file cannot be given to the group
   */
  setAccess(access: SocketAccess): void;
}

/**
 * Listens on a Unix socket. A socket that nobody listens on any more is replaced, and only after a connection
 * to it was refused.
 *
 * @throws DaemonError `already-running` when somebody listens, `not-permitted`, `usage` for a path that cannot be
 *   one, `failed`; each says what to do
 */
export async function listenOnSocketFile(server: Server, place: SocketPlace): Promise<SocketFile> {
  const { path } = place;
  checkLength(place);
  prepareSocketDirectory(place);
  const aside = `${path}.stale-${process.pid}`;
  try {
    // A second try follows a stale file, a third one a file that vanished or came in between.
    for (let tries = 3; !(await listen(server, path)); tries -= 1) {
      if (tries === 0) throw alreadyRunning(path);
      await moveStaleAside(path, aside);
    }
  } catch (error) {
    throw error instanceof DaemonError ? error : cannotListen(path, error);
  } finally {
    // Until now it kept its inode number from being given to another daemon's socket.
    rmSync(aside, { force: true });
  }
  return openSocketFile(server, place);
}

function checkLength({ path, platform }: SocketPlace): void {
  const longest = longestSocketPath(platform);
  const length = Buffer.byteLength(path);
  if (length <= longest) return;
  throw new DaemonError(
    "usage",
    `cannot listen on ${path}: the path has ${length} bytes, and a socket's may have ${longest}`,
    "choose a shorter one with --socket",
  );
}

/** False when something stands at the path. */
async function listen(server: Server, path: string): Promise<boolean> {
  // Nobody may connect before the mode is set: the file is made with the mask, by the call itself.
  const mask = process.umask(0o177);
  try {
    server.listen(path);
  } finally {
    process.umask(mask);
  }
  try {
    await once(server, "listening");
    return true;
  } catch (error) {
    if (errorCode(error) === "EADDRINUSE") return false;
    throw error;
  }
}

async function moveStaleAside(path: string, aside: string): Promise<void> {
  const before = lstatSync(path, { throwIfNoEntry: false });
  if (before === undefined) return;
  if (!before.isSocket()) {
    throw new DaemonError(
      "usage",
      `cannot listen on ${path}: a file that is not a socket stands there`,
      "remove it, or choose another path with --socket",
    );
  }
  if (!(await isStaleSocket(path))) throw alreadyRunning(path);
  renameSync(path, aside);
  if (lstatSync(aside).ino === before.ino) return;
  // Another daemon was quicker, and this is its socket.
  if (!existsSync(path)) renameSync(aside, path);
  throw alreadyRunning(path);
}

function openSocketFile(server: Server, place: SocketPlace): SocketFile {
  const { path } = place;
  const { ino, dev } = lstatSync(path);
  const isOurs = (): boolean => {
    const now = lstatSync(path, { throwIfNoEntry: false });
    return now?.ino === ino && now.dev === dev;
  };
  const file: SocketFile = {
    setAccess: (access) => {
      if (isOurs()) changeAccess(path, access);
    },
    [Symbol.dispose]: () => {
      if (isOurs() || !existsSync(path)) {
        server.close();
        return;
      }
      // Closing removes whatever stands at the path (libuv, uv__pipe_close): hold another daemon's socket away.
      const aside = `${path}.kept-${process.pid}`;
      renameSync(path, aside);
      server.close();
      renameSync(aside, path);
    },
  };
  try {
    file.setAccess(place);
    return file;
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
}

function changeAccess(path: string, { mode, gid }: SocketAccess): void {
  try {
    if (gid !== null) chownSync(path, -1, gid);
    chmodSync(path, mode);
  } catch (error) {
    throw cannotGive(path, gid, error);
  }
}

function cannotGive(path: string, gid: number | null, cause: unknown): DaemonError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new DaemonError(
    "not-permitted",
    `cannot give ${path} to the group ${gid ?? "that it has"}: ${why}`,
    "start it as root, or name in [admin] group one that its user is in",
    { cause },
  );
}

function alreadyRunning(path: string): DaemonError {
  return new DaemonError(
    "already-running",
    `cannot listen on ${path}: a daemon is already running there`,
    "stop it first, or choose another path with --socket",
  );
}

function cannotListen(path: string, error: unknown): DaemonError {
  const code = errorCode(error);
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
    const why = code === "EROFS" ? "the file system is read-only" : "permission denied";
    const message = `cannot listen on ${path}: ${why} in ${dirname(path)}`;
    const hint = "start it as a user who may write there, or choose another path with --socket";
    return new DaemonError("not-permitted", message, hint, { cause: error });
  }
  const why = error instanceof Error ? error.message : String(error);
  const hint = "choose another path with --socket";
  return new DaemonError("failed", `cannot listen on ${path}: ${why}`, hint, { cause: error });
}
