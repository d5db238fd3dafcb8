import { crc32 } from "node:zlib";
import { beforeEach, expect, test } from "vitest";
import { exitCodeOf, hintOf } from "../../src/daemon/daemon-error.ts";
import { until } from "../namespace/namespace.ts";
import { type Call, errno } from "../routes/journal/memory-directory.ts";
import { type MemoryHost, memoryHost } from "../routes/memory-host.ts";
import { openManagedDaemon } from "./managed-daemon.ts";

let host: MemoryHost;
beforeEach(() => {
  host = memoryHost();
});

/** A lock that tells whether it is held. */
function countedLock() {
  let held = 0;
  return {
    held: () => held,
    lock: async () => {
      held += 1;
      return {
        kind: "acquired" as const,
        [Symbol.asyncDispose]: async () => {
          held -= 1;
        },
      };
    },
  };
}

/** What the daemon throws that cannot start. */
async function refusalOf(start: Promise<AsyncDisposable>): Promise<Error> {
  try {
    await using _ = await start;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("it started");
}

const failing = (failed: Call, code: string) => (call: Call) => {
  if (call === failed) throw errno(code);
};

test.each([
  [
    "read-only",
    "create",
    "EROFS",
    "the file system is read-only",
    "mount that file system writable",
  ],
  ["not permitted", "prepare", "EACCES", "permission denied", "let netwatchd's user write there"],
  ["on a full disk", "create", "ENOSPC", "no space left on the device", "make room on that disk"],
  ["broken", "prepare", "EIO", "EIO: as the test wants it", "mend that"],
] as const)(
  "a state directory that is %s: it only watches, and says why and what to do",
  async (_, call, code, why, remedy) => {
    const before = host.snapshot();
    host.directory.before = failing(call, code);
    const { lock, held } = countedLock();
    await using daemon = await openManagedDaemon(host, { management: { lock } });
    const reason = `cannot open the journal in /memory: ${why}`;
    const whatToDo = `${remedy} or name another directory with --state-dir, then start netwatchd again`;
    const sentence = `routes are not managed: netwatchd ${reason}; ${whatToDo}`;
    expect((await daemon.status()).daemon).toMatchObject({
      mode: "observe",
      health: "degraded",
      reasons: [sentence],
    });
    await until("the word of it", () => daemon.lines.includes(`warn: ${sentence}`));
    expect(daemon.lines).toContainEqual(
      expect.stringMatching(
        /^netwatchd \S+ only watches and changes nothing, because it cannot open/,
      ),
    );
    const { status, json } = await daemon.ask("/v1/routes/scoped/eth0", { method: "POST" });
    expect(status).toBe(409);
    expect(json).toEqual({
      error: {
        code: "observe-mode",
        message: `this netwatchd changes no routes, because it ${reason}`,
        hint: whatToDo,
      },
    });
    // Another may manage, and a restore without a daemon must be able to.
    expect(held()).toBe(0);
    expect(host.snapshot()).toEqual(before);
  },
);

test("a state directory that is missing is made, and an empty journal in it", async () => {
  await using daemon = await openManagedDaemon(host);
  expect(host.directory.calls).toContain("prepare");
  expect([...host.directory.names.keys()]).toEqual(["journal"]);
  expect((await daemon.status()).daemon).toMatchObject({ mode: "manage", health: "ok" });
});

test("with an existing journal a full disk keeps nobody from managing, and from bringing all back", async () => {
  const before = host.snapshot();
  const first = await openManagedDaemon(host, { routes: { onStop: "keep" } });
  await first[Symbol.asyncDispose]();
  const standing = host.snapshot();
  expect(standing).not.toEqual(before);
  host.directory.capacity = 0;
  const second = await openManagedDaemon(host);
  expect((await second.status()).daemon).toMatchObject({ mode: "manage", health: "ok" });
  expect(host.snapshot()).toEqual(standing);
  await second[Symbol.asyncDispose]();
  expect(host.snapshot()).toEqual(before);
});

test("a journal of a newer version ends it with exit code 5; nothing is changed", async () => {
  const before = host.snapshot();
  const covered = '"v":2,"length":2,"seq":1,"record":{}}';
  const crc = crc32(covered).toString(16).padStart(8, "0");
  host.directory.put("journal", Buffer.from(`{"crc":"${crc}",${covered}\n`));
  const journal = host.directory.content("journal");
  const { lock, held } = countedLock();
  const refusal = await refusalOf(openManagedDaemon(host, { management: { lock } }));
  expect(refusal.message).toBe(
    "cannot read the journal in /memory: it has records of version 2, which a later program wrote",
  );
  expect(exitCodeOf(refusal)).toBe(5);
  expect(hintOf(refusal)).toMatch(/^start the newer netwatchd, .* --observe$/);
  expect(host.directory.content("journal")).toEqual(journal);
  expect(host.snapshot()).toEqual(before);
  expect(held()).toBe(0);
});

test.each([
  [{ pid: 42, uid: 0 }, "process 42 of user 0"],
  [null, "another process"],
])("a namespace that %o manages ends it with exit code 3", async (by, who) => {
  const lock = async () => ({ kind: "held", by }) as const;
  const refusal = await refusalOf(openManagedDaemon(host, { management: { lock } }));
  expect(refusal.message).toBe(
    `cannot manage routes: ${who} manages those of this network namespace already`,
  );
  expect(exitCodeOf(refusal)).toBe(3);
  expect(hintOf(refusal)).toContain("--observe");
  expect(host.directory.calls).toEqual([]);
});

test("a damaged journal is said, and everything that can be read is used", async () => {
  const first = await openManagedDaemon(host, { routes: { onStop: "keep" } });
  await first[Symbol.asyncDispose]();
  const bytes = Buffer.from(host.directory.content("journal"));
  const at = bytes.indexOf("\n") + 30;
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  host.directory.put("journal", bytes);
  await using daemon = await openManagedDaemon(host);
  expect(daemon.lines).toContainEqual(
    expect.stringMatching(
      /^warn: the journal was damaged; everything that can be read is used places=1 lostRecords=1 keptAs=journal\.damaged-1$/,
    ),
  );
  expect((await daemon.status()).daemon).toMatchObject({ mode: "manage", health: "ok" });
});
