import { expect, test } from "vitest";
import { collectEntries } from "../../../src/routes/journal/entry-collector.ts";
import { entryFromFact } from "../../../src/routes/journal/journal-entry.ts";
import { closed, displaced, identity, slot } from "./sample-records.ts";

const moment = { epochMs: 0, uptimeMs: 0 };
const text = (fact: Parameters<typeof entryFromFact>[0]): string =>
  entryFromFact(fact, identity, moment).text;

test("collectEntries() takes each record once, in the order of writing", () => {
  const collector = collectEntries(identity.bootId);
  for (const sequence of [3, 1, 2, 3]) collector.add(sequence, text(slot(sequence, "intent")));
  const { entries, missing, singles } = collector.result();
  expect(entries.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  expect({ missing, singles }).toEqual({ missing: 0, singles: 0 });
});

test("collectEntries() counts what is missing and what stands in one place only", () => {
  const collector = collectEntries(identity.bootId);
  for (const sequence of [5, 6, 9, 9]) collector.add(sequence, text(displaced(`${sequence}`)));
  expect(collector.result()).toMatchObject({ missing: 2, singles: 2 });
});

test("collectEntries() holds no more than what is open and the newest, however much comes", () => {
  const collector = collectEntries(identity.bootId, 200_000);
  collector.add(1, text(displaced("open")));
  collector.add(1, text(displaced("open")));
  for (let sequence = 2; sequence < 12_000; sequence += 2) {
    collector.add(sequence, text(displaced("over")));
    collector.add(sequence + 1, text(closed("over")));
  }
  // A copy that comes late must not bring a closed debt back.
  collector.add(2, text(displaced("over")));
  const { entries, missing } = collector.result();
  const bytes = entries.reduce((sum, entry) => sum + entry.text.length, 0);
  expect(bytes).toBeLessThan(2_500_000);
  expect(entries.slice(0, 2).map(({ sequence }) => sequence)).not.toContain(2);
  expect(entries[0]?.sequence).toBe(1);
  expect(missing).toBe(0);
});
