import { constants, type Stats } from "node:fs";
import { type FileHandle, link, mkdir, open, rename, stat, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { errnoName, JournalError } from "./journal-error.ts";
import type { FileFacts, StateDirectory, StateFile } from "./state-directory.ts";

// O_NONBLOCK: opening a FIFO that somebody put there must not wait for a writer (open(2)).
const openFlags = constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * The directory at a path. The journal trusts what is in it only if it belongs to root or to `ownUid` and
 * nobody else can write to it.
 */
export function stateDirectoryOnDisk(path: string, ownUid: number): StateDirectory {
  const root = resolve(path);
  const at = (name: string): string => join(root, name);
  return {
    path: root,
    async prepare() {
      const facts = await existingOrMade(root);
      const why = facts.isDirectory() ? whyUntrusted(facts, ownUid) : "it is not a directory";
      refuseUnsafe(root, why);
    },
    async open(name, access) {
      const mode = access === "read" ? constants.O_RDONLY : constants.O_RDWR;
      const handle = await open(at(name), mode | openFlags);
      try {
        const facts = await handle.stat();
        const why = facts.isFile() ? whyUntrusted(facts, ownUid) : "it is not a regular file";
        refuseUnsafe(at(name), why);
        return fileOnDisk(handle);
      } catch (error) {
        await handle.close();
        throw error;
      }
    },
    async create(name) {
      const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | openFlags;
      return fileOnDisk(await open(at(name), flags, 0o600));
    },
    link: (from, to) => link(at(from), at(to)),
    rename: (from, to) => rename(at(from), at(to)),
    remove: (name) => unlink(at(name)),
    sync: () => syncDirectory(root),
  };
}

function whyUntrusted({ uid, mode }: Stats, ownUid: number): string | null {
  if (uid !== 0 && uid !== ownUid) return `it belongs to user ${uid}`;
  return (mode & 0o022) === 0 ? null : "others than its owner can write to it";
}

function refuseUnsafe(path: string, why: string | null): void {
  if (why !== null) throw new JournalError("unsafe", `use ${path}`, why);
}

async function existingOrMade(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    if (errnoName(error) !== "ENOENT") throw error;
  }
  await makeDirectory(path);
  return stat(path);
}

/**
 * Makes what is missing of the path, and the new names durable. Not by Node's own `recursive`, which says ENOENT
 * where the system said EROFS (seen with Node 20.20).
 */
async function makeDirectory(path: string): Promise<void> {
  const parent = dirname(path);
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const name = errnoName(error);
    if (name === "EEXIST") return;
    if (name !== "ENOENT" || parent === path) throw error;
    await makeDirectory(parent);
    await mkdir(path, { mode: 0o700 });
  }
  await syncDirectory(parent);
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function fileOnDisk(handle: FileHandle): StateFile {
  return {
    async facts(): Promise<FileFacts> {
      const { size, nlink } = await handle.stat();
      return { size, links: nlink };
    },
    async read(into, position) {
      return (await handle.read(into, 0, into.length, position)).bytesRead;
    },
    async write(bytes, position) {
      return (await handle.write(bytes, 0, bytes.length, position)).bytesWritten;
    },
    truncate: (size) => handle.truncate(size),
    sync: () => handle.sync(),
    [Symbol.asyncDispose]: () => handle.close(),
  };
}
