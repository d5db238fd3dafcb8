import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Journal } from "../../../src/routes/journal/journal.ts";
import { foldJournal } from "../../../src/routes/journal/journal-state.ts";
import { openJournal, readJournal } from "../../../src/routes/journal/open-journal.ts";
import { stateDirectoryOnDisk } from "../../../src/routes/journal/state-directory-on-disk.ts";
import { until } from "../../namespace/namespace.ts";
import { closed, displaced, identity } from "./sample-records.ts";

const options = { now: () => ({ epochMs: Date.now(), uptimeMs: performance.now() }) };
const ownUid = process.getuid?.() ?? 0;

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "netwatch-journal-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function open(path = join(root, "state"), uid = ownUid): Promise<Journal> {
  return openJournal(stateDirectoryOnDisk(path, uid), identity, options);
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}

function debts(journal: { records: Journal["records"] }): string[] {
  return foldJournal(journal.records, identity).openDebts.map((debt) => debt.displaced.debt);
}

test("openJournal() makes directories of mode 0700 and a file of mode 0600", async () => {
  const path = join(root, "var", "lib", "netwatch");
  const umask = process.umask(0);
  try {
    await using journal = await open(path);
    await journal.append([displaced("a")]);
    await journal.rotate();
  } finally {
    process.umask(umask);
  }
  expect([modeOf(join(root, "var")), modeOf(path)]).toEqual([0o700, 0o700]);
  expect(modeOf(join(path, "journal"))).toBe(0o600);
  expect(readdirSync(path)).toEqual(["journal"]);
});

test("Journal on a disk is found again, through damage, rotation and a torn tail", async () => {
  const file = join(root, "state", "journal");
  {
    await using journal = await open();
    await journal.append([displaced("a"), displaced("b")]);
    await journal.append([closed("a")]);
  }
  const bytes = readFileSync(file);
  writeFileSync(file, Buffer.concat([Buffer.from("junk\n"), bytes, Buffer.from('{"crc":"to')]));
  {
    await using journal = await open();
    expect(journal.report).toMatchObject({
      torn: { offset: 5 + bytes.length, bytes: 10 },
      damaged: [{ offset: 0, bytes: 5 }],
      quarantine: "journal.damaged-1",
    });
    expect(debts(journal)).toEqual(["b"]);
    await journal.rotate();
    await journal.append([displaced("c")]);
  }
  await using journal = await open();
  expect(debts(journal)).toEqual(["b", "c"]);
  expect(journal.report).toMatchObject({ created: false, torn: null, damaged: [], missing: 0 });
  // The tail was cut before the file was put aside; the rest of it is as it was.
  const aside = readFileSync(join(root, "state", "journal.damaged-1"));
  expect(aside.equals(Buffer.concat([Buffer.from("junk\n"), bytes]))).toBe(true);
});

test("openJournal() finds records behind 256 MiB of nothing", async () => {
  {
    await using journal = await open();
    await journal.append([displaced("a")]);
  }
  const file = join(root, "state", "journal");
  const record = readFileSync(file);
  const fd = openSync(file, "r+");
  ftruncateSync(fd, 0);
  ftruncateSync(fd, 256 * 1024 * 1024);
  writeSync(fd, record, 0, record.length, 256 * 1024 * 1024);
  await using journal = await open();
  expect(debts(journal)).toEqual(["a"]);
  expect(journal.size).toBe(record.length);
  expect(journal.report.damaged).toEqual([{ offset: 0, bytes: 256 * 1024 * 1024 }]);
});

describe("openJournal() refuses", () => {
  const unsafe = (why: RegExp): object => ({
    name: "JournalError",
    code: "unsafe",
    message: expect.stringMatching(why),
  });

  test("a symbolic link, and leaves what it points to", async () => {
    const target = join(root, "precious");
    writeFileSync(target, "precious");
    mkdirSync(join(root, "state"), { mode: 0o700 });
    symlinkSync(target, join(root, "state", "journal"));
    await expect(open()).rejects.toMatchObject(unsafe(/it is a symbolic link$/));
    symlinkSync(target, join(root, "state", "other"));
    renameSync(join(root, "state", "other"), join(root, "state", "journal"));
    await expect(
      readJournal(stateDirectoryOnDisk(join(root, "state"), ownUid), identity.bootId),
    ).rejects.toMatchObject(unsafe(/it is a symbolic link$/));
    expect(readFileSync(target, "utf8")).toBe("precious");
  });

  test("a directory in the file's place", async () => {
    mkdirSync(join(root, "state", "journal"), { recursive: true, mode: 0o700 });
    await expect(open()).rejects.toMatchObject(unsafe(/it is a directory$/));
  });

  test("a FIFO, without waiting for its other end", async () => {
    mkdirSync(join(root, "state"), { mode: 0o700 });
    execFileSync("mkfifo", ["-m", "600", join(root, "state", "journal")]);
    const why = unsafe(/it is not a regular file$/);
    await expect(open()).rejects.toMatchObject(why);
    await expect(
      readJournal(stateDirectoryOnDisk(join(root, "state"), ownUid), identity.bootId),
    ).rejects.toMatchObject(why);
  });

  test("a file or a directory in which others can write", async () => {
    await (await open())[Symbol.asyncDispose]();
    chmodSync(join(root, "state", "journal"), 0o620);
    await expect(open()).rejects.toMatchObject(unsafe(/journal: others than its owner can write/));
    chmodSync(join(root, "state", "journal"), 0o600);
    chmodSync(join(root, "state"), 0o777);
    await expect(open()).rejects.toMatchObject(unsafe(/state: others than its owner can write/));
  });

  test("a directory of another user", async () => {
    mkdirSync(join(root, "state"), { mode: 0o700 });
    const why = unsafe(/it belongs to user \d+$/);
    if (ownUid !== 0) {
      await expect(open(join(root, "state"), ownUid + 1)).rejects.toMatchObject(why);
      return;
    }
    // Root of a user namespace has no second user to give it to, but sees the host's root as another.
    let foreign = join(root, "state");
    try {
      chownSync(foreign, 4711, 4711);
    } catch {
      foreign = "/usr";
    }
    await expect(open(foreign)).rejects.toMatchObject(why);
  });

  test("a path on which something is no directory", async () => {
    writeFileSync(join(root, "state"), "");
    await expect(open()).rejects.toMatchObject(unsafe(/state: it is not a directory$/));
    await expect(open(join(root, "state", "deeper"))).rejects.toMatchObject({ code: "unsafe" });
  });
});

describe.skipIf(process.platform !== "linux")("on a small disk of its own", () => {
  /** A tmpfs in a mount namespace that ends with the returned process. */
  async function smallDisk(size: string): Promise<{ path: string; pid: number; end(): void }> {
    const script = `mount -t tmpfs -o size=${size} tmpfs /mnt && echo ready && exec cat`;
    const holder = spawn("unshare", ["--mount", "sh", "-c", script], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    await once(holder.stdout, "data");
    const pid = holder.pid ?? 0;
    return { path: `/proc/${pid}/root/mnt`, pid, end: () => void holder.kill("SIGKILL") };
  }

  test("Journal.append() on a full one refuses, loses nothing and goes on when there is room", async () => {
    const disk = await smallDisk("128k");
    try {
      writeFileSync(join(disk.path, "filler"), Buffer.alloc(64 * 1024));
      await using journal = await open(join(disk.path, "state"));
      await journal.append([displaced("a")]);
      let refusal: unknown = null;
      await until("a full disk", async () => {
        refusal = await journal.append([displaced("more")]).then(
          () => null,
          (error: unknown) => error,
        );
        return refusal !== null;
      });
      expect(refusal).toMatchObject({ code: "disk-full" });
      const { records, report } = await readJournal(
        stateDirectoryOnDisk(join(disk.path, "state"), ownUid),
        identity.bootId,
      );
      expect(records).toEqual(journal.records);
      expect(report).toMatchObject({ torn: null, damaged: [] });
      rmSync(join(disk.path, "filler"));
      await journal.append([displaced("b")]);
      expect(debts(journal)).toEqual(["a", "more", "b"]);
    } finally {
      disk.end();
    }
  });

  test("openJournal() on a read-only one refuses, readJournal() reads", async () => {
    const disk = await smallDisk("1m");
    const path = join(disk.path, "state");
    try {
      {
        await using journal = await open(path);
        await journal.append([displaced("a")]);
      }
      execFileSync("nsenter", [
        `--mount=/proc/${disk.pid}/ns/mnt`,
        "mount",
        "-o",
        // Of this mount point only: the options of the file system itself are not root's of a user namespace.
        "remount,bind,ro",
        "/mnt",
      ]);
      await expect(open(path)).rejects.toMatchObject({ code: "read-only" });
      await expect(open(join(disk.path, "new"))).rejects.toMatchObject({ code: "read-only" });
      expect(debts(await readJournal(stateDirectoryOnDisk(path, ownUid), identity.bootId))).toEqual(
        ["a"],
      );
    } finally {
      disk.end();
    }
  });
});
