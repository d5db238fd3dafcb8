import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { foldJournal } from "../../../src/routes/journal/journal-state.ts";
import { openJournal, readJournal } from "../../../src/routes/journal/open-journal.ts";
import { recordKinds } from "../../../src/routes/journal/record.ts";
import { memoryDirectory } from "./memory-directory.ts";
import { closed, displaced, identity, raw, route, slot } from "./sample-records.ts";

const page = readFileSync(
  fileURLToPath(new URL("../../../docs/journal.md", import.meta.url)),
  "utf8",
);
const example = /```jsonl\n([^`]*)```/.exec(page)?.[1] ?? "";

test("docs/journal.md shows a journal that can be read whole", async () => {
  const directory = memoryDirectory();
  directory.put("journal", Buffer.from(example));
  const { records, report } = await readJournal(directory, identity.bootId);
  expect(report).toMatchObject({ torn: null, damaged: [], missing: 0, unknown: 0 });
  expect(records.map(({ kind }) => kind)).toEqual(["slot", "displaced", "closed"]);
  expect(records[1]).toMatchObject({ defaults: [{ raw, route }] });
  expect(foldJournal(records, identity).openDebts).toEqual([]);
});

test("docs/journal.md shows the very bytes that are written", async () => {
  const directory = memoryDirectory();
  let epochMs = 1_790_000_000_000;
  const now = (): { epochMs: number; uptimeMs: number } => {
    epochMs += 1_250;
    return { epochMs, uptimeMs: epochMs - 1_790_000_000_000 + 60_000 };
  };
  await using journal = await openJournal(directory, identity, { now });
  const debt = "7b1f0c52-5d0e-4c55-8d5f-3a4a64e0a1c9";
  const detail = "0.0.0.0/0 via 192.0.2.1 dev eth0 stands again";
  await journal.append([slot(0, "installed")]);
  await journal.append([displaced(debt)]);
  await journal.append([closed(debt, "settled", detail)]);
  expect(directory.content("journal").toString()).toBe(example);
});

test("docs/journal.md names every kind of record", () => {
  for (const kind of recordKinds) expect(page).toContain(`| \`${kind}\` |`);
});
