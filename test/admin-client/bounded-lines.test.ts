import { test as propertyTest } from "@fast-check/vitest";
import fc from "fast-check";
import { expect, test } from "vitest";
import { boundedLines, LineTooLongError } from "../../src/admin-client/bounded-lines.ts";

async function linesOf(chunks: readonly Uint8Array[], longest = 1000): Promise<string[]> {
  async function* source(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  const lines: string[] = [];
  for await (const line of boundedLines(source(), longest)) lines.push(line);
  return lines;
}

propertyTest.prop([fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 6 })])(
  "boundedLines() gives the same lines wherever the stream is cut",
  async (cuts) => {
    const bytes = Buffer.from('{"a":"é"}\n\n{"b":"日本"}\r\nlast');
    const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b)];
    const chunks = places.map((place, at) => bytes.subarray(place, places[at + 1]));
    expect(await linesOf(chunks)).toEqual(['{"a":"é"}', '{"b":"日本"}', "last"]);
  },
);

test("boundedLines() refuses a line before it has kept more of it than allowed", async () => {
  await expect(linesOf([Buffer.from("123456\n")], 5)).rejects.toThrow(LineTooLongError);
  await expect(linesOf([Buffer.from("123"), Buffer.from("456")], 5)).rejects.toThrow(
    LineTooLongError,
  );
  expect(await linesOf([Buffer.from("12345\n12345")], 5)).toEqual(["12345", "12345"]);
});
