import type { JournalEntry } from "./journal-entry.ts";
import { recordsThatCount } from "./journal-state.ts";

/**
 * What must stay when the file is written anew: everything that the state of any namespace of this boot rests
 * on, what this boot wrote and we do not understand, and the newest entries up to a number of bytes, for a
 * person to read. Folding what stays gives the same state for every kernel of this boot; other boots are over
 * and nothing will ever act on their records.
 */
export function compactEntries(
  entries: readonly JournalEntry[],
  bootId: string,
  historyBytes: number,
): readonly JournalEntry[] {
  const ours = entries.filter(({ stamp }) => stamp?.bootId === bootId);
  const records = ours.flatMap(({ record }) => record ?? []);
  const live = new Set(
    [...new Set(records.map(({ namespaceCookie }) => namespaceCookie))].flatMap(
      (namespaceCookie) => [...recordsThatCount(records, { bootId, namespaceCookie })],
    ),
  );
  const history = newestWithin(entries, historyBytes);
  return entries.filter(
    (entry) =>
      history.has(entry) ||
      (entry.record === null ? entry.stamp?.bootId === bootId : live.has(entry.record)),
  );
}

// A suffix, never a choice: an end must not go while its beginning stays.
function newestWithin(entries: readonly JournalEntry[], bytes: number): ReadonlySet<JournalEntry> {
  let left = bytes;
  const newest = new Set<JournalEntry>();
  for (const entry of entries.toReversed()) {
    left -= entry.text.length;
    if (left < 0) break;
    newest.add(entry);
  }
  return newest;
}
