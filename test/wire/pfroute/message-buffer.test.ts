import fc from "fast-check";
import { expect, test } from "vitest";
import { darwinFormat } from "../../../src/wire/pfroute/format.ts";
import { decodeBuffer, walkMessages } from "../../../src/wire/pfroute/message-buffer.ts";
import { hex, readRecording, recordedDatagrams, recordedDumps } from "./recordings.ts";

function join(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function split(buffer: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  walkMessages(buffer, (start, end) => parts.push(buffer.slice(start, end)));
  return parts;
}

const dump = recordedDumps().find(({ operation }) => operation === 7)?.bytes ?? new Uint8Array();

test("walkMessages() covers every recorded answer to its last byte", () => {
  for (const { bytes, operation, where } of recordedDumps())
    if (operation !== 4 && operation !== 5)
      expect(
        walkMessages(bytes, () => undefined),
        where,
      ).toBe(0);
});

test("decodeBuffer() reads the whole messages of an answer that was cut (ENOMEM)", () => {
  const cut = readRecording("dumps").steps.find((step) => step.note === "oldlen 300 (too small)");
  const { messages, errors } = decodeBuffer(hex(String(cut?.hex_out)).slice(0, 300), darwinFormat);
  expect(messages.length).toBe(2);
  expect(errors.map(({ code }) => code)).toEqual(["truncated"]);
});

test("decodeBuffer() loses only the message that is bad, wherever it stands", () => {
  const good = split(dump);
  const bad = recordedDatagrams()
    .filter(({ where, bytes }) => where.startsWith("malformed") && bytes.length > 92)
    .map(({ bytes }) => bytes)
    .filter((bytes) => bytes.length === (bytes[0] ?? 0) + (bytes[1] ?? 0) * 256)
    .filter((bytes) => decodeBuffer(bytes, darwinFormat).errors.length === 1);
  expect(bad.length).toBeGreaterThan(3);
  const { messages } = decodeBuffer(dump, darwinFormat);
  for (const message of bad)
    for (const place of [0, 3, good.length]) {
      const mixed = join([...good.slice(0, place), message, ...good.slice(place)]);
      const decoded = decodeBuffer(mixed, darwinFormat);
      expect(decoded.messages).toEqual(messages);
      expect(decoded.errors.length).toBe(1);
    }
});

test("decodeBuffer() stops at a length field that cannot be trusted", () => {
  const parts = split(dump);
  for (const length of [0, 3, 60000]) {
    const broken = parts[2]?.slice() ?? new Uint8Array();
    broken.set([length & 0xff, length >> 8]);
    const decoded = decodeBuffer(
      join([...parts.slice(0, 2), broken, ...parts.slice(3)]),
      darwinFormat,
    );
    expect(decoded.messages.length).toBe(2);
    expect(decoded.errors.map(({ code }) => code)).toEqual(["truncated"]);
  }
});

test("decodeBuffer() never throws: any bytes, and recorded answers with bytes changed", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 600 }),
      (bytes) => void decodeBuffer(bytes, darwinFormat),
    ),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(dump.length - 1), fc.integer({ min: 0, max: 255 })), {
        maxLength: 8,
      }),
      (changes) => {
        const broken = dump.slice();
        for (const [at, value] of changes) broken[at] = value;
        decodeBuffer(broken, darwinFormat);
      },
    ),
    { numRuns: 500 },
  );
});
