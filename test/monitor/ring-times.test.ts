import { expect, test } from "vitest";
import type { Doors } from "../../src/monitor/pending-doors.ts";
import { createRingTimes } from "../../src/monitor/ring-times.ts";

function doors(changes: Partial<Doors>): Doors {
  return {
    full: null,
    interfaces: new Set(),
    defaults: new Set(),
    expired: new Set(),
    ...changes,
  };
}

test("take() gives when the first of the doors rang, and forgets them", () => {
  const times = createRingTimes();
  times.rang([{ kind: "interface", index: 2 }], 10);
  times.rang(
    [
      { kind: "interface", index: 2 },
      { kind: "interface", index: 3 },
    ],
    20,
  );
  times.rang([{ kind: "defaults", family: "ipv4" }], 30);
  const both = doors({ interfaces: new Set([2, 3]) });
  expect(times.take(both)).toBe(10);
  expect(times.take(both)).toBeNull();
  expect(times.take(doors({ defaults: new Set(["ipv4"]) }))).toBe(30);
});

test("take() of everything takes every door, and losses", () => {
  const times = createRingTimes();
  times.rang([{ kind: "interface", index: 2 }], 20);
  times.rang([{ kind: "all", reason: "overflow" }], 10);
  expect(times.take(doors({ full: "resync" }))).toBe(10);
  expect(times.take(doors({ full: "reconcile" }))).toBeNull();
});

test("restore() puts back what a failed read was for", () => {
  const times = createRingTimes();
  const one = doors({ interfaces: new Set([2]) });
  times.rang([{ kind: "interface", index: 2 }], 10);
  const since = times.take(one);
  times.rang([{ kind: "interface", index: 2 }], 20);
  times.restore(one, since);
  expect(times.take(one)).toBe(10);
});
