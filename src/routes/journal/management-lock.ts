import { createConnection, createServer, type Server, type Socket } from "node:net";
import { errnoName, JournalError, journalErrorFrom } from "./journal-error.ts";

/** The right to change routes in one network namespace. Disposing of it gives it back. */
export interface ManagementLock extends AsyncDisposable {
  readonly kind: "acquired";
}

/** Somebody else has the right. */
export interface LockHeld {
  readonly kind: "held";
  /** Null when the holder cannot be known. Anybody can take the name: judge the holder by its uid. */
  readonly by: LockHolder | null;
}

export interface LockHolder {
  readonly pid: number;
  readonly uid: number;
}

/** How a system keeps one manager for each network namespace. */
export type LockSystem =
  | {
      readonly kind: "abstract-socket";
      /** Who listens at the other end of a connected socket: SO_PEERCRED, unix(7). */
      readonly readPeer: (socket: Socket) => LockHolder;
      /** Without its leading NUL; `managementLockName` outside tests. */
      readonly name: string;
    }
  | {
      readonly kind: "file";
      /**
       * Locks a file exclusively without waiting (flock(2), LOCK_EX | LOCK_NB), making it and its directory
       * where they are missing; the lock lasts until disposal or the end of the process. Null when another has it.
       */
      readonly lockFile: (path: string) => Disposable | null;
      /** Who has it, as it wrote into the file. */
      readonly readHolder: (path: string) => LockHolder | null;
      readonly path: string;
    };

export const managementLockName = "netwatch/manage";

/** Where a system without abstract sockets has the lock: in a directory of root's that a boot empties. */
export const managementLockPath = "/var/run/netwatch/manage.lock";

/** sizeof(sun_path) on Linux, linux/un.h. */
const socketNameBytes = 108;
const mostAttempts = 5;

/**
 * Takes the lock, or says who has it. It needs no cleaning up: the kernel frees it with the process, by whatever
 * end, and an abstract socket's name is one of its network namespace (unix(7), network_namespaces(7)).
 *
 * @throws JournalError when the system refuses for another reason
 */
export async function acquireManagementLock(
  system: LockSystem,
): Promise<ManagementLock | LockHeld> {
  if (system.kind === "file") return lockByFile(system);
  const path = abstractPath(system.name);
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const server = await listen(path);
    if (server !== null) return heldByServer(server);
    const holder = await holderAt(path, system.readPeer);
    if (holder !== "gone") return { kind: "held", by: holder };
  }
  return { kind: "held", by: null };
}

function lockByFile({
  path,
  lockFile,
  readHolder,
}: Extract<LockSystem, { kind: "file" }>): ManagementLock | LockHeld {
  try {
    const lock = lockFile(path);
    if (lock === null) return { kind: "held", by: readHolder(path) };
    return { kind: "acquired", [Symbol.asyncDispose]: async () => lock[Symbol.dispose]() };
  } catch (error) {
    throw journalErrorFrom(`lock ${path}`, error);
  }
}

/**
 * Every byte of an abstract name counts, and Node 20 binds all of sun_path, NULs behind the name included, while
 * Node 22 and 24 bind only what is given: two names. Given at full length it is one.
 */
function abstractPath(name: string): string {
  return `\0${name}`.padEnd(socketNameBytes, "\0");
}

/** The listening server, or null when the name is taken. */
function listen(path: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    // Whoever connects learns from the kernel who we are, and has nothing to say.
    const server = createServer((socket) => socket.destroy());
    // Stays for good: a connection that cannot be accepted must not end the process.
    server.on("error", (error) => {
      if (errnoName(error) === "EADDRINUSE") resolve(null);
      else reject(journalErrorFrom("take the management lock", error));
    });
    server.listen({ path, exclusive: true }, () => {
      server.unref();
      resolve(server);
    });
  });
}

function heldByServer(server: Server): ManagementLock {
  return {
    kind: "acquired",
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}

/** Who listens, "gone" when nobody does any more, null when it cannot be known. */
function holderAt(
  path: string,
  readPeer: (socket: Socket) => LockHolder,
): Promise<LockHolder | "gone" | null> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path });
    socket.once("connect", () => {
      try {
        resolve(readPeer(socket));
      } catch (error) {
        reject(new JournalError("failed", "ask who has the management lock", text(error), error));
      } finally {
        socket.destroy();
      }
    });
    // ECONNREFUSED: nobody has the name, connect(2). EAGAIN and others: it is held by somebody who does not answer.
    socket.once("error", (error) => resolve(errnoName(error) === "ECONNREFUSED" ? "gone" : null));
  });
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
