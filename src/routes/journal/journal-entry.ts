import { JournalError } from "./journal-error.ts";
import {
  type JournalFact,
  type JournalIdentity,
  type JournalRecord,
  recordSchema,
  type Stamp,
  stampSchema,
} from "./record.ts";
import { checkRecordText } from "./record-frame.ts";

/** A record with its place, and the text that stands in the file for it. */
export interface JournalEntry {
  readonly sequence: number;
  /** Kept as it was read, so that rewriting the file loses nothing that this version does not know. */
  readonly text: string;
  /** Null when the text has no stamp. */
  readonly stamp: Stamp | null;
  /** Null for a kind or a shape that this version does not know. */
  readonly record: JournalRecord | null;
}

/** A moment by the wall clock (ms since the epoch) and by the clock that runs on while the host sleeps. */
export interface JournalMoment {
  readonly epochMs: number;
  readonly uptimeMs: number;
}

/** The entry of a text read from the file; never fails. */
export function entryFromText(sequence: number, text: string): JournalEntry {
  const value = parsed(text);
  const stamp = stampSchema.safeParse(value);
  const record = recordSchema.safeParse(value);
  return { sequence, text, stamp: stamp.data ?? null, record: record.data ?? null };
}

/**
 * The entry for a new fact; its place is given when it is written.
 *
 * @throws JournalError `invalid-record`
 */
export function entryFromFact(
  fact: JournalFact,
  identity: JournalIdentity,
  moment: JournalMoment,
): JournalEntry {
  const record = recordSchema.safeParse({
    ...fact,
    bootId: identity.bootId,
    namespaceCookie: identity.namespaceCookie,
    time: new Date(moment.epochMs).toISOString(),
    uptimeMs: moment.uptimeMs,
  });
  if (!record.success) {
    const why = record.error.issues
      .map((issue) => `${issue.path.join(".")}: ${issue.message}`)
      .join("; ");
    throw new JournalError("invalid-record", `record ${fact.kind}`, why, record.error);
  }
  const text = JSON.stringify(record.data);
  checkRecordText(text);
  return { sequence: 0, text, stamp: record.data, record: record.data };
}

/** Displacements stand in two places: what was displaced can be known from nowhere else. */
export function copiesOf(entry: JournalEntry): 1 | 2 {
  return entry.stamp?.kind === "displaced" ? 2 : 1;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
