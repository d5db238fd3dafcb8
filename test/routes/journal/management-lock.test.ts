import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import {
  acquireManagementLock,
  type LockHolder,
  type LockSystem,
  managementLockName,
  managementLockPath,
} from "../../../src/routes/journal/management-lock.ts";
import { openNamespace } from "../../namespace/namespace.ts";

const holderScript = fileURLToPath(new URL("lock-holder.mjs", import.meta.url));
const nobody: LockHolder = { pid: 0, uid: 65534 };

function system(readPeer: (socket: Socket) => LockHolder = () => nobody): LockSystem {
  // A name of this process's own: the namespace may be the one of other tests.
  return { kind: "abstract-socket", name: `${managementLockName}/test-${process.pid}`, readPeer };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("the child has no stdout");
  const [bytes] = (await once(child.stdout, "data")) as [Buffer];
  return bytes.toString();
}

function holdElsewhere(command: (words: readonly string[]) => ChildProcess): ChildProcess {
  return command([process.execPath, holderScript, `@${managementLockName}/test-${process.pid}`]);
}

function spawnHere([command = "", ...words]: readonly string[]): ChildProcess {
  return spawn(command, words, { stdio: ["ignore", "pipe", "inherit"] });
}

describe.skipIf(process.platform !== "linux")("by an abstract socket", () => {
  test("acquireManagementLock() gives the lock to one, and to the next after disposal", async () => {
    const first = await acquireManagementLock(system());
    if (first.kind !== "acquired") throw new Error("the first did not get it");
    expect(await acquireManagementLock(system())).toEqual({ kind: "held", by: nobody });
    await first[Symbol.asyncDispose]();
    const second = await acquireManagementLock(system());
    expect(second.kind).toBe("acquired");
    if (second.kind === "acquired") await second[Symbol.asyncDispose]();
  });

  test("acquireManagementLock() gives it to one of many at once", async () => {
    const attempts = await Promise.all(
      Array.from({ length: 20 }, () => acquireManagementLock(system())),
    );
    const acquired = attempts.flatMap((attempt) => (attempt.kind === "acquired" ? [attempt] : []));
    expect(acquired).toHaveLength(1);
    for (const lock of acquired) await lock[Symbol.asyncDispose]();
  });

  test("acquireManagementLock() asks the peer on a connected socket, and gets it after SIGKILL", async () => {
    const holder = holdElsewhere(spawnHere);
    try {
      expect(await firstLine(holder)).toBe("listening\n");
      const held = await acquireManagementLock(
        system((socket) => {
          expect(socket.readyState).toBe("open");
          return { pid: holder.pid ?? 0, uid: 0 };
        }),
      );
      expect(held).toEqual({ kind: "held", by: { pid: holder.pid, uid: 0 } });
    } finally {
      holder.kill("SIGKILL");
      await once(holder, "exit");
    }
    const lock = await acquireManagementLock(system());
    expect(lock.kind).toBe("acquired");
    if (lock.kind === "acquired") await lock[Symbol.asyncDispose]();
  });

  test("acquireManagementLock() in one namespace leaves another alone", async () => {
    using other = await openNamespace();
    const holder = holdElsewhere(([command = "", ...words]) =>
      other.spawn(command, words, { stdio: ["ignore", "pipe", "inherit"] }),
    );
    try {
      expect(await firstLine(holder)).toBe("listening\n");
      const lock = await acquireManagementLock(system());
      expect(lock.kind).toBe("acquired");
      if (lock.kind === "acquired") await lock[Symbol.asyncDispose]();
    } finally {
      holder.kill("SIGKILL");
      await once(holder, "exit");
    }
  });

  test("acquireManagementLock() takes the name in full length, whatever Node makes of a short one", async () => {
    const lock = await acquireManagementLock(system());
    if (lock.kind !== "acquired") throw new Error("did not get it");
    const shown = readFileSync("/proc/net/unix", "utf8")
      .split("\n")
      .find((line) => line.includes(`@${managementLockName}/test-${process.pid}@`));
    expect(shown?.split(" ").at(-1)).toHaveLength(108);
    await lock[Symbol.asyncDispose]();
  });

  test("ManagementLock survives those who connect and say something", async () => {
    const lock = await acquireManagementLock(system());
    if (lock.kind !== "acquired") throw new Error("did not get it");
    const path = `\0${managementLockName}/test-${process.pid}`.padEnd(108, "\0");
    for (let count = 0; count < 20; count += 1) {
      const socket = connect({ path }, () => socket.write("let me in"));
      socket.on("error", () => undefined);
      await new Promise((resolve) => socket.once("close", resolve));
    }
    expect((await acquireManagementLock(system())).kind).toBe("held");
    await lock[Symbol.asyncDispose]();
  });
});

test("acquireManagementLock() by a file says what the given lock says", async () => {
  const taken = new Set<string>();
  const holder = { pid: 4242, uid: 0 };
  const byFile: LockSystem = {
    kind: "file",
    path: managementLockPath,
    lockFile: (path) => {
      if (taken.has(path)) return null;
      taken.add(path);
      return { [Symbol.dispose]: () => void taken.delete(path) };
    },
    readHolder: () => holder,
  };
  const lock = await acquireManagementLock(byFile);
  expect(await acquireManagementLock(byFile)).toEqual({ kind: "held", by: holder });
  if (lock.kind === "acquired") await lock[Symbol.asyncDispose]();
  expect((await acquireManagementLock(byFile)).kind).toBe("acquired");
});
