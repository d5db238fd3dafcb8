import { compactEntries } from "./compaction.ts";
import { copiesOf, entryFromText, type JournalEntry } from "./journal-entry.ts";

/** The records of a file, as they come. */
export interface EntryCollector {
  /** Takes a frame; a second place of the same record is only counted. */
  add(sequence: number, text: string): void;
  result(): CollectedEntries;
}

export interface CollectedEntries {
  /** In the order of writing, each record once. */
  readonly entries: readonly JournalEntry[];
  /** Sequence numbers between the first and the last that no frame carries: records that are lost. */
  readonly missing: number;
  /** Records that stand in fewer places than they should. */
  readonly singles: number;
}

const historyBytes = 1024 * 1024;

/**
 * Gathers the records of a file whose state for one boot is wanted. Beyond `mostBytes` of text what is over is
 * dropped, so that memory is bounded by what is still open and not by the file.
 */
export function collectEntries(bootId: string, mostBytes = 16 * 1024 * 1024): EntryCollector {
  const held = new Map<number, { readonly entry: JournalEntry; places: number }>();
  let heldBytes = 0;
  let dropAtBytes = mostBytes;
  // A late copy of what was dropped must not bring it back without its end.
  let droppedThrough = 0;
  let first = 0;
  let last = 0;
  let distinct = 0;

  const inOrder = (): JournalEntry[] =>
    [...held.values()].map(({ entry }) => entry).sort((a, b) => a.sequence - b.sequence);

  const drop = (): void => {
    const entries = inOrder();
    const kept = new Set(compactEntries(entries, bootId, historyBytes));
    droppedThrough = last;
    for (const entry of entries) {
      if (kept.has(entry)) continue;
      held.delete(entry.sequence);
      heldBytes -= entry.text.length;
    }
    dropAtBytes = Math.max(mostBytes, 2 * heldBytes);
  };

  return {
    add(sequence, text) {
      const known = held.get(sequence);
      if (known !== undefined) {
        known.places += 1;
        return;
      }
      if (sequence <= droppedThrough) return;
      held.set(sequence, { entry: entryFromText(sequence, text), places: 1 });
      heldBytes += text.length;
      first = distinct === 0 ? sequence : Math.min(first, sequence);
      last = Math.max(last, sequence);
      distinct += 1;
      if (heldBytes > dropAtBytes) drop();
    },
    result: () => ({
      entries: inOrder(),
      missing: distinct === 0 ? 0 : last - first + 1 - distinct,
      singles: [...held.values()].filter(({ entry, places }) => places < copiesOf(entry)).length,
    }),
  };
}
