import fc from "fast-check";
import { expect, test } from "vitest";
import { openEventLog } from "../../src/daemon/event-log.ts";
import { change } from "./admin-fixture.ts";

test("openEventLog() keeps the newest events, by ids that grow by one", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.array(fc.nat(12)), (capacity, batches) => {
      const log = openEventLog(capacity);
      const given: number[] = [];
      for (const size of batches) {
        const events = Array.from({ length: size }, () => change("churn"));
        given.push(...log.append(events).map(({ id }) => id));
      }
      const total = given.length;
      expect(given).toEqual(Array.from({ length: total }, (_, at) => at + 1));
      expect([log.firstId, log.lastId]).toEqual([Math.max(0, total - capacity) + 1, total]);
      for (let id = -1; id <= total + 2; id += 1) {
        const kept = id >= log.firstId && id <= log.lastId;
        expect(log.get(id)?.id ?? null).toBe(kept ? id : null);
      }
    }),
  );
});

test("openEventLog() finds the place of a time", () => {
  let now = 1_000;
  const log = openEventLog(3, () => now);
  for (const time of [1_000, 2_000, 2_000, 3_000]) {
    now = time;
    log.append([change("effective")]);
  }
  expect([0, 1_000, 2_000, 2_001, 3_000, 3_001].map((time) => log.idBefore(time))).toEqual([
    1, 1, 1, 3, 3, 4,
  ]);
});

test("openEventLog() tells its listeners after the events can be read", () => {
  const log = openEventLog(8);
  const seen: number[] = [];
  const listening = log.onAppend(() => seen.push(log.lastId));
  log.append([change("churn"), change("churn")]);
  log.append([change("churn")]);
  listening[Symbol.dispose]();
  log.append([change("churn")]);
  expect(seen).toEqual([2, 3]);
});
