import { crc32 } from "node:zlib";
import { JournalError } from "./journal-error.ts";

/** The format's version: what a reader must know to trust a record. */
const frameVersion = 1;

/** Most bytes of a record's JSON text. */
export const maxRecordBytes = 256 * 1024;

/** Ends each line; JSON text holds none. */
export const lineEnd = 0x0a;

/** What was found in a piece of the file; offsets count from the piece's start, `end` is exclusive. */
export type Found =
  | {
      readonly kind: "frame";
      readonly start: number;
      readonly end: number;
      readonly sequence: number;
      /** The record's JSON text. */
      readonly text: string;
      /** The line's end was there; false only at the end of the file. */
      readonly terminated: boolean;
    }
  | {
      readonly kind: "damage";
      readonly start: number;
      readonly end: number;
      /** A line's end is among the bytes: they were once written whole. */
      readonly hasLineEnd: boolean;
    }
  | { readonly kind: "newer"; readonly version: number };

type Frame = Extract<Found, { kind: "frame" }>;
type Damage = Extract<Found, { kind: "damage" }>;

// JSON escapes a quote inside a string, so no string in a record can hold these bytes: they mark the start of
// a frame wherever they stand, and a frame inside another frame cannot be forged by a name.
const marker = Buffer.from('{"crc":"');
/** The checksum covers the line from here to its closing brace. */
const coveredFrom = 18;
const maxHeaderBytes = 80;
const header =
  /^\{"crc":"([0-9a-f]{8})","v":1,"length":([1-9]\d{0,5}),"seq":([1-9]\d{0,14}),"record":/;
const anyVersion = /^\{"crc":"([0-9a-f]{8})","v":([1-9]\d{0,8}),/;
const closingBrace = 0x7d;

/**
 * Refuses what cannot stand in a frame.
 *
 * @throws JournalError `invalid-record` for a text that is too large or that holds the mark of a frame
 */
export function checkRecordText(text: string): void {
  const length = Buffer.byteLength(text);
  const why =
    length > maxRecordBytes
      ? `${length} bytes, the limit is ${maxRecordBytes}`
      : text.includes(marker.toString())
        ? 'an object in it begins with a key "crc"'
        : null;
  if (why !== null) throw new JournalError("invalid-record", "write a record", why);
}

/** One line of the journal, its line end included, for a text that `checkRecordText` let pass. */
export function encodeFrame(sequence: number, text: string): Buffer {
  const length = Buffer.byteLength(text);
  const covered = `"v":${frameVersion},"length":${length},"seq":${sequence},"record":${text}}`;
  return Buffer.from(`{"crc":"${hex(crc32(covered))}",${covered}\n`);
}

/**
 * Finds frames in a piece of a journal. What is not a whole frame with the right checksum is damage, and the
 * search goes on at the next mark behind its first byte. Ends at the first frame of a newer version.
 *
 * @param final nothing follows the piece
 * @returns what was found in order, and how many bytes need not be given again with the bytes that follow
 */
export function scanFrames(
  bytes: Buffer,
  final: boolean,
): { readonly found: readonly Found[]; readonly consumed: number } {
  const found: Found[] = [];
  let damage: Damage | null = null;
  let at = 0;
  const skipTo = (end: number): void => {
    if (end > at) damage = widened(damage, at, end, bytes);
    at = Math.max(at, end);
  };
  while (at < bytes.length) {
    const start = bytes.indexOf(marker, at);
    // The last bytes may be the first ones of a mark.
    skipTo(start < 0 ? bytes.length - (final ? 0 : marker.length - 1) : start);
    if (start < 0) break;
    const attempt = readFrame(bytes, at, final);
    if (attempt === "incomplete") break;
    if (attempt === null) {
      skipTo(at + 1);
      continue;
    }
    if (damage !== null) found.push(damage);
    damage = null;
    found.push(attempt);
    if (attempt.kind === "newer") break;
    at = attempt.end;
  }
  if (damage !== null) found.push(damage);
  return { found, consumed: at };
}

function widened(damage: Damage | null, start: number, end: number, bytes: Buffer): Damage {
  const hasLineEnd = bytes.subarray(start, end).includes(lineEnd);
  return {
    kind: "damage",
    start: damage?.start ?? start,
    end,
    hasLineEnd: hasLineEnd || (damage?.hasLineEnd ?? false),
  };
}

/** The frame whose mark is at this offset, null for damage, "incomplete" when the bytes to come decide. */
function readFrame(
  bytes: Buffer,
  start: number,
  final: boolean,
): Frame | Extract<Found, { kind: "newer" }> | "incomplete" | null {
  const head = bytes.toString("latin1", start, start + maxHeaderBytes);
  const [prefix, checksum, lengthText, sequence] = header.exec(head) ?? [];
  if (prefix === undefined) {
    if (head.length < maxHeaderBytes && !final) return "incomplete";
    return readNewer(bytes, start, head, final);
  }
  const length = Number(lengthText);
  if (length > maxRecordBytes) return null;
  const textStart = start + prefix.length;
  const brace = textStart + length;
  // The line end must be seen before the frame is taken, unless the file ends here.
  if (brace + 1 >= bytes.length && !final) return "incomplete";
  if (bytes[brace] !== closingBrace) return null;
  if (hex(crc32(bytes.subarray(start + coveredFrom, brace + 1))) !== checksum) return null;
  const terminated = bytes[brace + 1] === lineEnd;
  return {
    kind: "frame",
    start,
    end: brace + (terminated ? 2 : 1),
    sequence: Number(sequence),
    text: bytes.toString("utf8", textStart, brace),
    terminated,
  };
}

/** Later versions keep the mark, the checksum and what it covers, so that this one can know them. */
function readNewer(
  bytes: Buffer,
  start: number,
  head: string,
  final: boolean,
): Extract<Found, { kind: "newer" }> | "incomplete" | null {
  const [, checksum, version] = anyVersion.exec(head) ?? [];
  if (Number(version ?? 0) <= frameVersion) return null;
  const end = bytes.indexOf(lineEnd, start);
  if (end < 0) return final || bytes.length - start > 2 * maxRecordBytes ? null : "incomplete";
  if (hex(crc32(bytes.subarray(start + coveredFrom, end))) !== checksum) return null;
  return { kind: "newer", version: Number(version) };
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(8, "0");
}
