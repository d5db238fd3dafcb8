import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lockFile, readLockHolder } from "../../native-bindings/file-lock.ts";

const elsewhere = fileURLToPath(new URL("file-lock-elsewhere.mjs", import.meta.url));

describe("lockFile()", () => {
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "netwatch-lock-"));
    path = join(directory, "run", "manage.lock");
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test("makes the file, for the owner alone, and a directory that others can pass, and says who has it", () => {
    const before = process.umask(0o077);
    try {
      using lock = lockFile(path);
      expect(lock).not.toBeNull();
    } finally {
      process.umask(before);
    }
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, "run")).mode & 0o777).toBe(0o755);
    expect(readLockHolder(path)).toEqual({ pid: process.pid, uid: process.getuid?.() });
    expect(readFileSync(path, "latin1")).toMatch(/^\d+\n *$/);
  });

  test("gives null while another has it, and the lock again after its disposal", () => {
    const first = lockFile(path);
    // A second descriptor of one process is another holder to flock(2).
    expect(lockFile(path)).toBeNull();
    first?.[Symbol.dispose]();
    first?.[Symbol.dispose]();
    using second = lockFile(path);
    expect(second).not.toBeNull();
  });

  test("is freed by the kernel when its process is killed", async () => {
    lockFile(path)?.[Symbol.dispose]();
    const child = spawn(process.execPath, [elsewhere, path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [answer] = (await once(child.stdout, "data")) as [Buffer];
    expect(answer.toString()).toBe("0\n");
    expect(lockFile(path)).toBeNull();
    child.kill("SIGKILL");
    await once(child, "exit");
    using lock = lockFile(path);
    expect(lock).not.toBeNull();
  }, 60_000);

  test("does not follow a symbolic link that somebody has put there", () => {
    const link = join(directory, "link.lock");
    symlinkSync(join(directory, "elsewhere"), link);
    expect(() => lockFile(link)).toThrow("ELOOP");
  });

  test("nobody is known of a file that is not there", () => {
    expect(readLockHolder(path)).toBeNull();
  });
});
