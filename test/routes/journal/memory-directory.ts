import type { StateDirectory, StateFile } from "../../../src/routes/journal/state-directory.ts";

/** One call that a directory or a file of it got. */
export type Call =
  | "prepare"
  | "open"
  | "create"
  | "link"
  | "rename"
  | "remove"
  | "sync-directory"
  | "facts"
  | "read"
  | "write"
  | "truncate"
  | "sync-file";

/** A number from 0 up to, and without, the bound. */
export type Random = (bound: number) => number;

/** A repeatable source of numbers (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

interface Inode {
  bytes: Buffer;
  /** What the disk surely holds. */
  durable: Buffer;
}

export interface MemoryDirectory extends StateDirectory {
  readonly calls: Call[];
  readonly names: Map<string, Inode>;
  /** Called before each call; what it throws is what the call throws. */
  before: (call: Call, number: number) => void;
  /** Bytes that all files may have together. */
  capacity: number;
  content(name: string): Buffer;
  put(name: string, bytes: Uint8Array): void;
  /**
   * The directory as it may be found after the power went: of what was not synced anything may have reached
   * the disk, names and bytes each on their own.
   */
  afterPowerCut(random: Random): MemoryDirectory;
}

/** The system's error for a name of errno(3). */
export function errno(code: string): Error {
  return Object.assign(new Error(`${code}: as the test wants it`), { code });
}

/** A directory that keeps what is synced apart from what is only written. */
export function memoryDirectory(): MemoryDirectory {
  const names = new Map<string, Inode>();
  let durableNames = new Map<string, Inode>();
  const calls: Call[] = [];

  const called = (call: Call): void => {
    directory.before(call, calls.length);
    calls.push(call);
  };
  const inodeOf = (name: string): Inode => {
    const inode = names.get(name);
    if (inode === undefined) throw errno("ENOENT");
    return inode;
  };
  const absent = (name: string): void => {
    if (names.has(name)) throw errno("EEXIST");
  };
  const used = (): number =>
    [...new Set(names.values())].reduce((sum, { bytes }) => sum + bytes.length, 0);

  const openFile = (inode: Inode): StateFile => ({
    facts: async () => {
      called("facts");
      const links = [...names.values()].filter((other) => other === inode).length;
      return { size: inode.bytes.length, links };
    },
    read: async (into, position) => {
      called("read");
      return inode.bytes.copy(into, 0, position, position + into.length);
    },
    write: async (bytes, position) => {
      called("write");
      const room = directory.capacity - used() + Math.max(0, inode.bytes.length - position);
      const count = Math.min(bytes.length, room);
      if (count <= 0) throw errno("ENOSPC");
      const size = Math.max(inode.bytes.length, position + count);
      const next = Buffer.alloc(size);
      inode.bytes.copy(next);
      next.set(bytes.subarray(0, count), position);
      inode.bytes = next;
      return count;
    },
    truncate: async (size) => {
      called("truncate");
      inode.bytes = Buffer.from(inode.bytes.subarray(0, size));
    },
    sync: async () => {
      called("sync-file");
      inode.durable = Buffer.from(inode.bytes);
    },
    [Symbol.asyncDispose]: async () => undefined,
  });

  const directory: MemoryDirectory = {
    path: "/memory",
    calls,
    names,
    before: () => undefined,
    capacity: Number.POSITIVE_INFINITY,
    content: (name) => inodeOf(name).bytes,
    put: (name, bytes) => {
      const inode = { bytes: Buffer.from(bytes), durable: Buffer.from(bytes) };
      names.set(name, inode);
      durableNames.set(name, inode);
    },
    prepare: async () => called("prepare"),
    open: async (name) => {
      called("open");
      return openFile(inodeOf(name));
    },
    create: async (name) => {
      called("create");
      absent(name);
      const inode = { bytes: Buffer.alloc(0), durable: Buffer.alloc(0) };
      names.set(name, inode);
      return openFile(inode);
    },
    link: async (from, to) => {
      called("link");
      absent(to);
      names.set(to, inodeOf(from));
    },
    rename: async (from, to) => {
      called("rename");
      names.set(to, inodeOf(from));
      names.delete(from);
    },
    remove: async (name) => {
      called("remove");
      inodeOf(name);
      names.delete(name);
    },
    sync: async () => {
      called("sync-directory");
      durableNames = new Map(names);
    },
    afterPowerCut: (random) => {
      const after = memoryDirectory();
      for (const name of new Set([...names.keys(), ...durableNames.keys()])) {
        const inode = random(2) === 0 ? names.get(name) : durableNames.get(name);
        if (inode !== undefined) after.put(name, survivingBytes(inode, random));
      }
      return after;
    },
  };
  return directory;
}

// A page is what a disk writes or does not write; small, so that records are torn in every place.
const pageBytes = 64;

/** What was synced, and of what came behind it any pages; the size may have moved before its bytes did. */
function survivingBytes({ bytes, durable }: Inode, random: Random): Buffer {
  const bound = Math.max(bytes.length, durable.length) - Math.min(bytes.length, durable.length);
  const size = Math.min(bytes.length, durable.length) + (bound === 0 ? 0 : random(bound + 1));
  const surviving = Buffer.alloc(size);
  durable.copy(surviving);
  for (let page = 0; page < size; page += pageBytes) {
    if (random(3) > 0) bytes.copy(surviving, page, page, Math.min(page + pageBytes, size));
  }
  return surviving;
}
