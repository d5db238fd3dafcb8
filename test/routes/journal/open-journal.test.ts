import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { foldJournal } from "../../../src/routes/journal/journal-state.ts";
import { openJournal, readJournal } from "../../../src/routes/journal/open-journal.ts";
import type { JournalFact, JournalRecord } from "../../../src/routes/journal/record.ts";
import { encodeFrame } from "../../../src/routes/journal/record-frame.ts";
import { errno, type MemoryDirectory, memoryDirectory } from "./memory-directory.ts";
import { closed, displaced, identity, intent, lastKnownGood, slot } from "./sample-records.ts";

const options = { now: () => ({ epochMs: 1_790_000_000_000, uptimeMs: 61_000 }) };
const facts: readonly JournalFact[] = [
  lastKnownGood(),
  displaced("a"),
  intent("1"),
  displaced("b", { family: "ipv6" }),
  slot(1, "installed"),
];

/** The bytes of a journal with one batch for each of these facts. */
async function written(each: readonly JournalFact[] = facts): Promise<Buffer> {
  const directory = memoryDirectory();
  await using journal = await openJournal(directory, identity, options);
  for (const fact of each) await journal.append([fact]);
  return Buffer.from(directory.content("journal"));
}

function holding(bytes: Uint8Array): MemoryDirectory {
  const directory = memoryDirectory();
  directory.put("journal", bytes);
  return directory;
}

/** What a record is about: enough to tell those of `facts` apart. */
function nameOf(record: JournalRecord): string {
  return record.kind === "displaced" ? `displaced ${record.debt}` : record.kind;
}

const all = ["last-known-good", "displaced a", "intent", "displaced b", "slot"];

describe("openJournal()", () => {
  test("makes an empty journal and its name durable before anything is acknowledged", async () => {
    const directory = memoryDirectory();
    await using journal = await openJournal(directory, identity, options);
    expect(directory.calls).toEqual(["prepare", "open", "create", "sync-directory"]);
    expect(journal.report).toMatchObject({ created: true, torn: null, damaged: [] });
  });

  test("after a cut at every byte offset has every record that was complete, and goes on", async () => {
    const bytes = await written();
    const lines = bytes.toString("latin1").split(/(?<=\n)/);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const directory = holding(bytes.subarray(0, cut));
      let end = 0;
      const complete = new Set<number>();
      for (const line of lines) {
        end += line.length;
        if (end - 1 <= cut) complete.add(JSON.parse(line).seq);
      }
      await using journal = await openJournal(directory, identity, options);
      expect(journal.records.map(nameOf)).toEqual(all.slice(0, complete.size));
      expect(journal.report).toMatchObject({ damaged: [], missing: 0, quarantine: null });
      await journal.append([closed("z")]);
      const after = await readJournal(directory, identity.bootId);
      expect(after.records.map(nameOf)).toEqual([...all.slice(0, complete.size), "closed"]);
      expect(after.report).toMatchObject({ torn: null, damaged: [] });
    }
  }, 60_000);

  test("after a flipped bit at every offset has every displacement, and misses one other at most", async () => {
    const bytes = await written();
    for (let at = 0; at < bytes.length; at += 1) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << ((at * 5) % 8)), at);
      const directory = holding(flipped);
      await using journal = await openJournal(directory, identity, options);
      const names = journal.records.map(nameOf);
      expect(names).toEqual(all.filter((name) => names.includes(name)));
      expect(names.length).toBeGreaterThanOrEqual(all.length - 1);
      expect(names).toEqual(expect.arrayContaining(["displaced a", "displaced b"]));
      // Nothing is quietly thrown away: only the very last line end can look like a torn write.
      if (at < bytes.length - 1) {
        expect(directory.content("journal.damaged-1").equals(flipped)).toBe(true);
      }
      const next = await readJournal(directory, identity.bootId);
      expect(next.report).toMatchObject({ torn: null, damaged: [], missing: 0 });
      expect(next.records.map(nameOf)).toEqual(names);
    }
  }, 60_000);

  test("keeps a damaged file aside, says what was lost, and uses the rest", async () => {
    const lines = (await written()).toString().split(/(?<=\n)/);
    const [first = "", ...others] = lines;
    const junk = Buffer.from("not a record\n");
    const directory = holding(
      Buffer.concat([Buffer.from(first), junk, Buffer.from(others.join("")).fill(0, 10, 30)]),
    );
    const before = Buffer.from(directory.content("journal"));
    directory.put("journal.damaged-1", Buffer.from("of an earlier day"));
    await using journal = await openJournal(directory, identity, options);
    expect(journal.report).toMatchObject({
      damaged: [{ offset: first.length, bytes: junk.length + (others[0]?.length ?? 0) }],
      missing: 0,
      quarantine: "journal.damaged-2",
      mendFailure: null,
    });
    expect(directory.content("journal.damaged-2")).toEqual(before);
    expect(journal.records.map(nameOf)).toEqual(all);
  });

  test("counts the records that are lost", async () => {
    const lines = (await written()).toString().split(/(?<=\n)/);
    const directory = holding(Buffer.from(lines.filter((line) => !/"seq":2,/.test(line)).join("")));
    await using journal = await openJournal(directory, identity, options);
    expect(journal.report.missing).toBe(1);
    expect(journal.records.map(nameOf)).toEqual(all.filter((name) => name !== "displaced a"));
  });

  test("uses a damaged file as it is where it cannot be mended", async () => {
    const directory = holding(Buffer.concat([Buffer.from("junk\n"), await written()]));
    directory.before = (call) => {
      if (call === "create") throw errno("ENOSPC");
    };
    await using journal = await openJournal(directory, identity, options);
    expect(journal.report.mendFailure).toMatchObject({ code: "disk-full" });
    await journal.append([closed("a")]);
    const { openDebts } = foldJournal(
      (await readJournal(directory, identity.bootId)).records,
      identity,
    );
    expect(openDebts.map((debt) => debt.displaced.debt)).toEqual(["b"]);
  });

  test("removes what an unfinished rewriting has left", async () => {
    const directory = holding(await written());
    directory.put("journal.new", Buffer.from('{"crc":"half'));
    await using journal = await openJournal(directory, identity, options);
    expect([...directory.names.keys()]).toEqual(["journal"]);
    expect(journal.records.map(nameOf)).toEqual(all);
  });

  test("puts a displacement that stands in one place only into two again", async () => {
    const [line = ""] = (await written([displaced("a")])).toString().split(/(?<=\n)/);
    const directory = holding(Buffer.from(line));
    await using journal = await openJournal(directory, identity, options);
    expect(
      directory
        .content("journal")
        .toString()
        .match(/"kind":"displaced"/g),
    ).toHaveLength(2);
    expect(journal.report.quarantine).toBeNull();
  });

  test("reads nothing and changes nothing when a later program has written", async () => {
    const covered = '"v":2,"zip":"x"}';
    const crc = crc32(covered).toString(16).padStart(8, "0");
    const newer = Buffer.from(`{"crc":"${crc}",${covered}\n`);
    const bytes = Buffer.concat([await written(), newer, Buffer.from('junk\n{"crc":"torn')]);
    const directory = holding(bytes);
    directory.put("journal.new", Buffer.from("left"));
    const refusal = {
      name: "JournalError",
      code: "newer-version",
      message:
        "cannot read the journal in /memory: it has records of version 2, which a later program wrote",
    };
    await expect(openJournal(directory, identity, options)).rejects.toMatchObject(refusal);
    await expect(readJournal(directory, identity.bootId)).rejects.toMatchObject(refusal);
    expect(directory.content("journal")).toEqual(bytes);
    expect([...directory.names.keys()]).toEqual(["journal", "journal.new"]);
    expect(directory.calls.filter((call) => !["prepare", "open", "read"].includes(call))).toEqual(
      [],
    );
  });

  test("keeps records of another boot or namespace for reading and does not act on them", async () => {
    const directory = holding(await written());
    const other = { ...identity, namespaceCookie: "5000" };
    await using journal = await openJournal(directory, other, options);
    expect(journal.records.map(nameOf)).toEqual(all);
    expect(foldJournal(journal.records, other)).toEqual(foldJournal([], other));
    await journal.rotate();
    expect(foldJournal(journal.records, identity).openDebts).toHaveLength(2);
  });

  test("keeps a kind and keys that it does not know through a rewriting", async () => {
    const stamp = `"bootId":"${identity.bootId}","namespaceCookie":"4097","time":"2026-09-21T14:13:20.000Z","uptimeMs":1`;
    const unknown = `{"kind":"lease",${stamp},"wish":{"via":"utun5"}}`;
    const extended = `{"kind":"done",${stamp},"plan":"1","outcome":"applied","later":true}`;
    const directory = holding(Buffer.concat([encodeFrame(1, unknown), encodeFrame(2, extended)]));
    await using journal = await openJournal(directory, identity, options);
    expect(journal.report.unknown).toBe(1);
    expect(journal.records).toMatchObject([{ kind: "done", later: true }]);
    await journal.rotate();
    expect(directory.content("journal").toString()).toContain(unknown);
  });

  test.each([
    ["EACCES", "not-permitted", "permission denied"],
    ["EROFS", "read-only", "the file system is read-only"],
    ["ENOSPC", "disk-full", "no space left on the device"],
    ["ELOOP", "unsafe", "it is a symbolic link"],
  ])("says what %s means", async (name, code, why) => {
    const directory = memoryDirectory();
    directory.before = (call) => {
      if (call === "create") throw errno(name);
    };
    await expect(openJournal(directory, identity, options)).rejects.toMatchObject({
      code,
      message: `cannot open the journal in /memory: ${why}`,
      cause: { code: name },
    });
  });
});

describe("readJournal()", () => {
  test("changes nothing, whatever it finds", async () => {
    const bytes = Buffer.concat([await written(), Buffer.from('junk\n{"crc":"torn')]);
    const directory = holding(bytes);
    const { records, report } = await readJournal(directory, identity.bootId);
    expect(records.map(nameOf)).toEqual(all);
    expect(report.damaged).toHaveLength(1);
    expect(new Set(directory.calls)).toEqual(new Set(["open", "read"]));
  });

  test("takes a missing file for an empty journal", async () => {
    const { records, report } = await readJournal(memoryDirectory(), identity.bootId);
    expect(records).toEqual([]);
    expect(report.created).toBe(false);
  });
});
