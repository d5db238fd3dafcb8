import { test as propertyTest } from "@fast-check/vitest";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type JournalFact, recordKinds, recordShape } from "../../../src/routes/journal/record.ts";
import { recordSchema } from "./record-schema.ts";
import {
  closed,
  displaced,
  done,
  hostRoute,
  identity,
  intent,
  lastKnownGood,
  lease,
  lifetime,
  pending,
  route,
  slot,
  voided,
} from "./sample-records.ts";

const leg = { gateway: "192.0.2.1", interfaceIndex: 3, weight: 1, onlink: false, linkdown: false };
const facts: readonly JournalFact[] = [
  displaced("d-1"),
  displaced("d-2", {
    taken: [0],
    replacement: route,
    replacements: [{ ...route, pref: "low", expiresAt: 1.5 }],
  }),
  pending("d-1", 2),
  lifetime("a", 1_790_000_000_000),
  closed("d-1"),
  slot(0, "installed"),
  slot(1, "intent", { onlink: true, mtu: 1400, nexthops: [leg, leg], gatewaySinceUptimeMs: 1.5 }),
  lastKnownGood(),
  voided(),
  intent("p-1"),
  done("p-1"),
  hostRoute(1, "intent"),
  lease("l-1", "held"),
];
const records = facts.map((fact) => ({
  ...fact,
  ...identity,
  time: "2026-09-21T14:13:21.250Z",
  uptimeMs: 61_250.5,
}));

/** What may stand in the place of anything in a file. */
const strays = fc.constantFrom<unknown>(
  undefined,
  null,
  true,
  "",
  "x",
  "unicast",
  "ipv6",
  "physical",
  "AgA=",
  "AgA",
  "A===",
  "12345678901234567890",
  "123456789012345678901",
  "x".repeat(64),
  "x".repeat(65),
  "x".repeat(256),
  "x".repeat(257),
  "2026-02-29T00:00:00.000Z",
  "2024-02-29T00:00:00.000Z",
  "2026-01-01T24:00:00.000Z",
  "2026-01-01T00:00:00Z",
  "2026-01-01T00:00:00.000+01:00",
  -1,
  0,
  1,
  256,
  257,
  1.5,
  -0.5,
  2 ** 53,
  [],
  [null],
  {},
  { later: 1 },
);

type Place = readonly (string | number)[];

function placesIn(value: unknown): readonly Place[] {
  if (typeof value !== "object" || value === null) return [[]];
  const inside = Object.entries(value).flatMap(([key, one]) =>
    placesIn(one).map((place): Place => [Array.isArray(value) ? Number(key) : key, ...place]),
  );
  return [[], ...inside];
}

function withStray(value: unknown, [key, ...rest]: Place, stray: unknown): unknown {
  if (key === undefined) return stray;
  if (Array.isArray(value))
    return value.map((one, at) => (at === key ? withStray(one, rest, stray) : one));
  const fields = value as Readonly<Record<string, unknown>>;
  return { ...fields, [key]: withStray(fields[key], rest, stray) };
}

test("recordShape() knows a sample of each kind of record", () => {
  expect(new Set(records.map(({ kind }) => kind))).toEqual(new Set(recordKinds));
  expect(records.map((record) => recordShape(record, ""))).toEqual(records.map(() => null));
});

propertyTest.prop(
  [
    fc
      .constantFrom(...records)
      .chain((record) =>
        fc.tuple(fc.constant(record), fc.constantFrom(...placesIn(record)), strays),
      ),
  ],
  { numRuns: 5_000 },
)("recordShape() refuses what the schema refuses, and nothing else", ([record, place, stray]) => {
  const value = JSON.parse(JSON.stringify(withStray(record, place, stray)) ?? "null");
  const refused = recordShape(value, "");
  expect(refused === null, refused ?? "not refused").toBe(recordSchema.safeParse(value).success);
});

test("recordShape() says where it is wrong", () => {
  const { defaults, ...rest } = { ...records[0], defaults: [{ raw: "AA==", route }] };
  expect(recordShape({ ...rest, defaults }, "")).toBe(null);
  const wrong = [{ raw: "AA==", route: { ...route, metric: -1 } }];
  expect(recordShape({ ...rest, defaults: wrong }, "")).toMatch(/^defaults\.0\.route\.metric: /);
  expect(recordShape(rest, "")).toMatch(/^defaults: /);
  expect(recordShape(JSON.parse('{"kind":"later"}'), "")).toMatch(/^kind: /);
  expect(recordShape({ ...rest, defaults, uptimeMs: Number.POSITIVE_INFINITY }, "")).toMatch(
    /^uptimeMs: /,
  );
});
