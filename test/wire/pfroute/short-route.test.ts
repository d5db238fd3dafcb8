import fc from "fast-check";
import { expect, test } from "vitest";
import { darwinFormat } from "../../../src/wire/pfroute/format.ts";
import type { RouteMessage } from "../../../src/wire/pfroute/message.ts";
import { decodeBuffer } from "../../../src/wire/pfroute/message-buffer.ts";
import { visitShortRoutes } from "../../../src/wire/pfroute/short-route.ts";
import { recordedDumps } from "./recordings.ts";

function shortRoutes(buffer: Uint8Array, maxPrefixLength: number): RouteMessage[] {
  const kept: RouteMessage[] = [];
  visitShortRoutes(buffer, darwinFormat, maxPrefixLength, (route) => kept.push(route));
  return kept;
}

const tables = recordedDumps().filter(({ operation }) => [1, 2, 7, 10].includes(operation));

test.each([0, 1, 7, 24])(
  "visitShortRoutes() keeps what decoding everything would keep, up to /%i",
  (max) => {
    for (const { bytes, where } of tables) {
      const all = decodeBuffer(bytes, darwinFormat).messages.filter(
        (message) =>
          message.kind === "route" &&
          message.netmask !== null &&
          (message.prefixLength ?? 99) <= max,
      );
      expect(shortRoutes(bytes, max), where).toEqual(all);
    }
  },
);

test("visitShortRoutes() finds defaults and split halves in the recorded tables", () => {
  const lengths = tables.flatMap(({ bytes }) =>
    shortRoutes(bytes, 7).map((route) => route.prefixLength),
  );
  expect(new Set(lengths)).toEqual(new Set([0, 1]));
});

test("visitShortRoutes() passes over messages that are no routes", () => {
  const interfaces = recordedDumps().find(({ operation }) => operation === 6);
  if (interfaces === undefined) throw new Error("not recorded");
  const counts = visitShortRoutes(interfaces.bytes, darwinFormat, 7, () => {
    throw new Error("kept");
  });
  expect(counts).toMatchObject({ undecodable: 0, left: 0 });
  expect(counts.messages).toBeGreaterThan(10);
});

test("visitShortRoutes() counts a message whose sockaddrs end beyond it, and goes on", () => {
  const { bytes } = tables[0] ?? { bytes: new Uint8Array() };
  const broken = bytes.slice();
  const length = (broken[0] ?? 0) + (broken[1] ?? 0) * 256;
  broken[92] = 255; // sa_len of the first route's destination
  const kept: RouteMessage[] = [];
  const counts = visitShortRoutes(broken, darwinFormat, 7, (route) => kept.push(route));
  expect(counts.undecodable).toBe(1);
  expect(kept).toEqual(shortRoutes(bytes.slice(length), 7));
});

test("visitShortRoutes() lets nothing escape: any bytes, and recorded tables with bytes changed", () => {
  const { bytes } = tables[0] ?? { bytes: new Uint8Array() };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (any) => void shortRoutes(any, 7)));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 })), {
        maxLength: 8,
      }),
      (changes) => {
        const broken = bytes.slice();
        for (const [at, value] of changes) broken[at] = value;
        shortRoutes(broken, 7);
      },
    ),
    { numRuns: 500 },
  );
});
