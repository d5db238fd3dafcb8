import { describe, expect, test } from "vitest";
import { foldJournal } from "../../../src/routes/journal/journal-state.ts";
import { openJournal, readJournal } from "../../../src/routes/journal/open-journal.ts";
import type { JournalFact } from "../../../src/routes/journal/record.ts";
import { type Call, errno, memoryDirectory, seededRandom } from "./memory-directory.ts";
import { closed, displaced, identity, intent, pending, slot } from "./sample-records.ts";

const options = { now: () => ({ epochMs: 1_790_000_000_000, uptimeMs: 61_000 }) };

function debts(records: Parameters<typeof foldJournal>[0]): string[] {
  return foldJournal(records, identity).openDebts.map((debt) => debt.displaced.debt);
}

describe("Journal.append()", () => {
  test("gives each record its kernel and its time", async () => {
    const directory = memoryDirectory();
    await using journal = await openJournal(directory, identity, options);
    await journal.append([displaced("a")]);
    expect(journal.records).toMatchObject([
      {
        kind: "displaced",
        bootId: identity.bootId,
        namespaceCookie: "4097",
        time: "2026-09-21T14:13:20.000Z",
        uptimeMs: 61_000,
        debt: "a",
      },
    ]);
    expect((await readJournal(directory, identity.bootId)).records).toEqual(journal.records);
  });

  test("is one write and one fsync of the file, in that order and nothing after", async () => {
    const directory = memoryDirectory();
    await using journal = await openJournal(directory, identity, options);
    directory.calls.length = 0;
    await journal.append([intent("1"), displaced("a"), displaced("b", { family: "ipv6" })]);
    expect(directory.calls).toEqual(["facts", "write", "sync-file"] satisfies Call[]);
  });

  test("is one fsync for all who call at once, and one for all who call meanwhile", async () => {
    const directory = memoryDirectory();
    await using journal = await openJournal(directory, identity, options);
    directory.calls.length = 0;
    const meanwhile: Promise<void>[] = [];
    directory.before = (call) => {
      if (call !== "sync-file" || meanwhile.length > 0) return;
      for (let at = 0; at < 20; at += 1) meanwhile.push(journal.append([slot(at, "installed")]));
    };
    await Promise.all(Array.from({ length: 30 }, (_, at) => journal.append([displaced(`${at}`)])));
    await Promise.all(meanwhile);
    expect(directory.calls.filter((call) => call === "sync-file")).toHaveLength(2);
    expect(directory.calls.filter((call) => call === "write")).toHaveLength(2);
    expect(journal.records).toHaveLength(50);
  });

  test("puts a displacement in two places and others in one", async () => {
    const directory = memoryDirectory();
    await using journal = await openJournal(directory, identity, options);
    await journal.append([intent("1"), displaced("a"), slot(1, "intent")]);
    const lines = directory.content("journal").toString().trimEnd().split("\n");
    const kinds = lines
      .map((line) => JSON.parse(line))
      .map(({ seq, record }) => [seq, record.kind]);
    expect(kinds).toEqual([
      [1, "intent"],
      [2, "displaced"],
      [3, "slot"],
      [2, "displaced"],
    ]);
  });

  test("refuses what is no record and lets others through that wait with it", async () => {
    await using journal = await openJournal(memoryDirectory(), identity, options);
    const wrong = { ...displaced("a"), table: -1 } as JournalFact;
    const large = closed("a");
    const results = await Promise.allSettled([
      journal.append([wrong]),
      journal.append([{ ...large, detail: "x".repeat(300_000) } as JournalFact]),
      journal.append([displaced("b")]),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
    await expect(journal.append([wrong])).rejects.toMatchObject({
      code: "invalid-record",
      message: expect.stringMatching(/^cannot record displaced: table: /),
    });
    expect(debts(journal.records)).toEqual(["b"]);
  });

  test("on a full disk refuses, takes back what was written, and goes on when there is room", async () => {
    const directory = memoryDirectory();
    await using journal = await openJournal(directory, identity, options);
    await journal.append([displaced("a")]);
    const before = Buffer.from(directory.content("journal"));
    directory.capacity = before.length + 100;
    await expect(journal.append([displaced("b")])).rejects.toMatchObject({
      code: "disk-full",
      message: "cannot write to the journal in /memory: no space left on the device",
    });
    expect(directory.content("journal")).toEqual(before);
    expect(debts(journal.records)).toEqual(["a"]);
    directory.capacity = Number.POSITIVE_INFINITY;
    await journal.append([displaced("c")]);
    expect(debts((await readJournal(directory, identity.bootId)).records)).toEqual(["a", "c"]);
  });

  test("takes a half-written batch back later when it cannot at once", async () => {
    const directory = memoryDirectory();
    await using journal = await openJournal(directory, identity, options);
    await journal.append([displaced("a")]);
    directory.capacity = directory.content("journal").length + 100;
    directory.before = (call) => {
      if (call === "truncate") throw errno("EIO");
    };
    await expect(journal.append([displaced("b")])).rejects.toMatchObject({ code: "disk-full" });
    await expect(journal.append([displaced("b")])).rejects.toMatchObject({ code: "failed" });
    directory.before = () => undefined;
    directory.capacity = Number.POSITIVE_INFINITY;
    await journal.append([displaced("c")]);
    const { records, report } = await readJournal(directory, identity.bootId);
    expect(debts(records)).toEqual(["a", "c"]);
    expect(report).toMatchObject({ torn: null, damaged: [], missing: 0 });
  });

  test("refuses when fsync fails, and forgets the batch", async () => {
    const directory = memoryDirectory();
    await using journal = await openJournal(directory, identity, options);
    directory.before = (call) => {
      if (call === "sync-file") throw errno("EIO");
    };
    await expect(journal.append([displaced("a")])).rejects.toMatchObject({ code: "failed" });
    directory.before = () => undefined;
    await journal.append([displaced("b")]);
    expect(debts((await readJournal(directory, identity.bootId)).records)).toEqual(["b"]);
  });

  test("refuses when somebody else wrote to the file, or replaced it", async () => {
    const directory = memoryDirectory();
    await using first = await openJournal(directory, identity, options);
    await using second = await openJournal(directory, identity, options);
    await first.append([displaced("a")]);
    await expect(second.append([displaced("b")])).rejects.toMatchObject({ code: "changed" });
    await first.append([displaced("c")]);
    await directory.remove("journal");
    await expect(first.append([displaced("d")])).rejects.toMatchObject({
      code: "changed",
      message: "cannot write to the journal in /memory: somebody else removed or replaced it",
    });
  });

  test("refuses after disposal, which waits for what was begun", async () => {
    const directory = memoryDirectory();
    const journal = await openJournal(directory, identity, options);
    const begun = journal.append([displaced("a")]);
    // `append` has taken the facts before it yields.
    await journal[Symbol.asyncDispose]();
    await begun;
    await expect(journal.append([displaced("b")])).rejects.toMatchObject({ code: "closed" });
    expect(debts((await readJournal(directory, identity.bootId)).records)).toEqual(["a"]);
  });
});

describe("Journal.rotate()", () => {
  test("keeps what is open, drops what is over, and is found again", async () => {
    const directory = memoryDirectory();
    await using journal = await openJournal(directory, identity, { ...options, limitBytes: 4_000 });
    await journal.append([displaced("a"), displaced("b"), pending("a", 3), slot(1, "installed")]);
    for (let at = 0; at < 10; at += 1) await journal.append([intent(`${at}`), closed("b")]);
    const before = foldJournal(journal.records, identity);
    await journal.rotate();
    expect(foldJournal(journal.records, identity)).toEqual(before);
    await journal.append([closed("a")]);
    const { records, report } = await readJournal(directory, identity.bootId);
    expect(debts(records)).toEqual([]);
    expect(foldJournal(records, identity).slots).toEqual(before.slots);
    expect(report).toMatchObject({ missing: 0, damaged: [], torn: null });
    expect([...directory.names.keys()]).toEqual(["journal"]);
  });

  test("happens by itself when the file has grown, after the record is acknowledged", async () => {
    const directory = memoryDirectory();
    await using journal = await openJournal(directory, identity, { ...options, limitBytes: 4_000 });
    let largest = 0;
    for (let at = 0; at < 40; at += 1) {
      await journal.append([displaced(`${at}`)]);
      await journal.append([closed(`${at}`)]);
      largest = Math.max(largest, journal.size);
    }
    expect(directory.calls).toContain("rename");
    expect(largest).toBeLessThan(7_000);
    expect(journal.rotationFailure).toBeNull();
    expect(debts(journal.records)).toEqual([]);
  });

  test("that fails leaves the old file, which goes on", async () => {
    const directory = memoryDirectory();
    await using journal = await openJournal(directory, identity, { ...options, limitBytes: 2_000 });
    directory.before = (call) => {
      if (call === "create") throw errno("ENOSPC");
    };
    for (let at = 0; at < 5; at += 1) await journal.append([displaced(`${at}`)]);
    await expect(journal.rotate()).rejects.toMatchObject({ code: "disk-full" });
    expect(journal.rotationFailure).toMatchObject({ code: "disk-full" });
    const { records } = await readJournal(directory, identity.bootId);
    expect(debts(records)).toEqual(["0", "1", "2", "3", "4"]);
  });

  test("whose rename is not on the disk lets nothing be acknowledged before it is", async () => {
    const directory = memoryDirectory();
    {
      await using journal = await openJournal(directory, identity, options);
      await journal.append([displaced("a")]);
      directory.before = (call) => {
        if (call === "sync-directory") throw errno("EIO");
      };
      await expect(journal.rotate()).rejects.toMatchObject({ code: "failed" });
      await expect(journal.append([displaced("b")])).rejects.toMatchObject({ code: "failed" });
    }
    // The next process finds the renamed file in memory, and must not build on sand either.
    directory.before = () => undefined;
    await using journal = await openJournal(directory, identity, options);
    await journal.append([displaced("c")]);
    for (let seed = 0; seed < 20; seed += 1) {
      const after = directory.afterPowerCut(seededRandom(seed));
      await using found = await openJournal(after, identity, options);
      expect(debts(found.records)).toEqual(["a", "c"]);
    }
  });
});
