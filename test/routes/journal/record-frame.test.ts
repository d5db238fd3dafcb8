import { crc32 } from "node:zlib";
import { fc, test as propertyTest } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { JournalError } from "../../../src/routes/journal/journal-error.ts";
import {
  checkRecordText,
  encodeFrame,
  type Found,
  maxRecordBytes,
  scanFrames,
} from "../../../src/routes/journal/record-frame.ts";

const texts = ['{"kind":"a"}', '{"kind":"b","text":"täglich \\n {\\"crc\\":\\""}', '{"kind":"c"}'];
const lines = texts.map((text, at) => encodeFrame(at + 1, text));
const whole = Buffer.concat(lines);

function sequences(found: readonly Found[]): number[] {
  return found.flatMap((item) => (item.kind === "frame" ? [item.sequence] : []));
}

/** Gives a file to the scanner in pieces, as a reader does. */
function scanInPieces(bytes: Buffer, pieceBytes: number): Found[] {
  const all: Found[] = [];
  let rest = Buffer.alloc(0);
  let offset = 0;
  for (let at = 0; at <= bytes.length; at += pieceBytes) {
    const final = at + pieceBytes > bytes.length;
    const piece = Buffer.concat([rest, bytes.subarray(at, at + pieceBytes)]);
    const { found, consumed } = scanFrames(piece, final);
    for (const item of found) {
      all.push(
        item.kind === "newer"
          ? item
          : { ...item, start: item.start + offset, end: item.end + offset },
      );
    }
    rest = piece.subarray(consumed);
    offset += consumed;
  }
  return all;
}

test("encodeFrame() is one line of JSON with its checksum over what follows the checksum", () => {
  const line = encodeFrame(12, '{"kind":"done"}').toString();
  // python3 -c 'import zlib; print("%08x" % zlib.crc32(b"\"v\":1,\"length\":15,\"seq\":12,\"record\":{\"kind\":\"done\"}}"))'
  expect(line).toBe('{"crc":"17568cb8","v":1,"length":15,"seq":12,"record":{"kind":"done"}}\n');
  expect(JSON.parse(line)).toMatchObject({ seq: 12, record: { kind: "done" } });
});

test("scanFrames() gives back what encodeFrame() wrote", () => {
  const { found, consumed } = scanFrames(whole, true);
  expect(found.map((item) => (item.kind === "frame" ? item.text : item.kind))).toEqual(texts);
  expect(consumed).toBe(whole.length);
});

test("scanFrames() after a cut at every byte offset has every frame that is complete before it", () => {
  const ends = lines.map((_line, at) => Buffer.concat(lines.slice(0, at + 1)).length);
  for (let cut = 0; cut <= whole.length; cut += 1) {
    // A frame is complete without its line end too: the checksum has been seen.
    const complete = ends.filter((end) => end - 1 <= cut).map((_end, at) => at + 1);
    const { found } = scanFrames(whole.subarray(0, cut), true);
    expect(sequences(found)).toEqual(complete);
    const tail = found.find((item) => item.kind === "damage");
    expect(tail?.hasLineEnd ?? false).toBe(false);
  }
});

test("scanFrames() after one flipped bit at every offset misses at most that one frame", () => {
  for (let bit = 0; bit < whole.length * 8; bit += 1) {
    const bytes = Buffer.from(whole);
    const at = bit >> 3;
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (bit & 7)), at);
    const { found } = scanFrames(bytes, true);
    let end = 0;
    const hit = lines.findIndex((line) => {
      end += line.length;
      return at < end;
    });
    const isLineEnd = at === end - 1;
    const expected = [1, 2, 3].filter((sequence) => isLineEnd || sequence !== hit + 1);
    expect(sequences(found)).toEqual(expected);
    expect(found.some((item) => item.kind === "damage")).toBe(true);
  }
});

test("scanFrames() finds nothing in a frame that a name pretends to be", () => {
  const forged = encodeFrame(99, '{"kind":"closed"}').toString().trimEnd();
  const text = JSON.stringify({ kind: "displaced", command: forged });
  checkRecordText(text);
  const line = encodeFrame(1, text);
  expect(sequences(scanFrames(line, true).found)).toEqual([1]);
  // The outer frame broken: the inner one must not come to light.
  line.writeUInt8(0x58, 9);
  expect(sequences(scanFrames(line, true).found)).toEqual([]);
});

test("checkRecordText() refuses what is too large and what holds the mark of a frame", () => {
  const most = JSON.stringify("x".repeat(maxRecordBytes - 2));
  expect(() => checkRecordText(most)).not.toThrow();
  expect(() => checkRecordText(JSON.stringify("x".repeat(maxRecordBytes - 1)))).toThrow(
    JournalError,
  );
  expect(() => checkRecordText('{"a":{"crc":"0"}}')).toThrow(/begins with a key "crc"/);
});

test("scanFrames() takes the largest record, whatever the pieces", () => {
  const text = JSON.stringify("x".repeat(maxRecordBytes - 2));
  const bytes = Buffer.concat([encodeFrame(1, text), lines[1] ?? Buffer.alloc(0)]);
  expect(sequences(scanInPieces(bytes, 64 * 1024))).toEqual([1, 2]);
});

describe("scanFrames() and versions", () => {
  const ofVersion = (version: number, rest = ""): Buffer => {
    const covered = `"v":${version},${rest}"record":{}}`;
    return Buffer.from(`{"crc":"${crc32(covered).toString(16).padStart(8, "0")}",${covered}\n`);
  };

  test("says that a line is newer when its checksum is right", () => {
    for (const rest of ["", '"length":2,"seq":1,', '"something":"else",']) {
      expect(scanFrames(ofVersion(2, rest), true).found).toEqual([{ kind: "newer", version: 2 }]);
    }
    const after = Buffer.concat([whole, ofVersion(17), whole]);
    expect(scanInPieces(after, 50).at(-1)).toEqual({ kind: "newer", version: 17 });
  });

  test("takes a wrong version with a wrong checksum for damage", () => {
    const flipped = Buffer.from((lines[0] ?? "").toString().replace('"v":1', '"v":3'));
    expect(scanFrames(flipped, true).found.map(({ kind }) => kind)).toEqual(["damage"]);
    expect(scanFrames(ofVersion(0), true).found.map(({ kind }) => kind)).toEqual(["damage"]);
  });
});

propertyTest.prop([
  fc.array(fc.jsonValue(), { maxLength: 8 }),
  fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 9 }),
  fc.integer({ min: 1, max: 300 }),
])(
  "scanFrames() finds every frame between any bytes, in pieces of any size",
  (values, gaps, size) => {
    const records = values
      .map((value) => JSON.stringify(value))
      .filter((text) => !text.includes('{"crc":"'));
    const parts = records.flatMap((text, at) => [
      gaps[at] ?? new Uint8Array(),
      encodeFrame(at + 1, text),
    ]);
    const bytes = Buffer.concat(parts);
    const found = scanInPieces(bytes, size);
    expect(found.flatMap((item) => (item.kind === "frame" ? [item.text] : []))).toEqual(records);
    expect(sequences(scanFrames(bytes, true).found)).toEqual(sequences(found));
  },
);

propertyTest.prop([fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 1, max: 50 })])(
  "scanFrames() accounts for every byte of junk",
  (junk, size) => {
    const bytes = Buffer.from(junk);
    let seen = 0;
    for (const item of scanInPieces(bytes, size)) {
      if (item.kind === "damage") seen += item.end - item.start;
    }
    expect(seen).toBe(bytes.length);
  },
);
