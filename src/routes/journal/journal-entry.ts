import { JournalError } from "./journal-error.ts";
import {
  type JournalFact,
  type JournalIdentity,
  type JournalRecord,
  recordShape,
  type Stamp,
  stampShape,
} from "./record.ts";
import { checkRecordText } from "./record-frame.ts";
import type { Shape } from "./shape.ts";

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
  return { sequence, text, stamp: shaped(stampShape, value), record: shaped(recordShape, value) };
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
  const { kind, ...rest } = fact;
  const value: unknown = {
    kind,
    bootId: identity.bootId,
    namespaceCookie: identity.namespaceCookie,
    time: new Date(moment.epochMs).toISOString(),
    uptimeMs: moment.uptimeMs,
    ...rest,
  };
  const problem = recordShape(value, "");
  if (problem !== null) throw new JournalError("invalid-record", `record ${kind}`, problem);
  const record = value as JournalRecord;
  const text = JSON.stringify(record);
  checkRecordText(text);
  return { sequence: 0, text, stamp: record, record };
}

/** Displacements stand in two places: what was displaced can be known from nowhere else. */
export function copiesOf(entry: JournalEntry): 1 | 2 {
  return entry.stamp?.kind === "displaced" ? 2 : 1;
}

function shaped<Value>(shape: Shape<Value>, value: unknown): Value | null {
  return shape(value, "") === null ? (value as Value) : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
