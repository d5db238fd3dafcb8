import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RecordedDefault, RouteControl } from "../../src/platform/route-control.ts";
import { isSameDefault } from "../../src/routes/default-comparison.ts";
import { flushedDebt, guardRemovals } from "../../src/routes/flushed-record.ts";
import { foldJournal } from "../../src/routes/journal/journal-state.ts";
import { readJournal } from "../../src/routes/journal/open-journal.ts";
import { reconcile } from "../../src/routes/reconcile.ts";
import { seededRandom } from "./journal/memory-directory.ts";
import {
  auto,
  defaultRoute,
  displacing,
  identity,
  intentions,
  memoryHost,
  never,
} from "./memory-host.ts";

test("a default is deleted only through a flushed record: no other source names removeDefault", () => {
  const files = readdirSync("src/routes", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && name !== "flushed-record.ts")
    .filter((name) => /\bremoveDefault\b/.test(readFileSync(join("src/routes", name), "utf8")));
  expect(files).toEqual([]);
});

test("flushedDebt() knows no debt that the journal has not acknowledged", async () => {
  const host = memoryHost();
  await using journal = await host.openJournal();
  host.directory.before = (call) => {
    if (call === "sync-file") throw Object.assign(new Error("EIO"), { code: "EIO" });
  };
  const wish = displacing(defaultRoute("ipv4", 9, "10.9.0.1"));
  const requests: string[] = [];
  host.control.controls.before = ({ kind }) => requests.push(kind);
  const work = reconcile(
    intentions({ displacing: [wish] }),
    host.surroundings(),
    host.workplace(journal),
    never,
  );
  await expect(work).rejects.toMatchObject({ name: "JournalError" });
  expect(flushedDebt(journal, wish.id)).toBeNull();
  expect(requests).toEqual(["read"]);
});

test("guardRemovals() refuses what the record does not cover", async () => {
  const host = memoryHost();
  await using journal = await host.openJournal();
  const wish = displacing(defaultRoute("ipv4", 9, "10.9.0.1"));
  await reconcile(
    intentions({ displacing: [wish] }),
    host.surroundings(),
    host.workplace(journal),
    never,
  );
  const record = flushedDebt(journal, wish.id);
  if (record === null) throw new Error("no debt");
  const other: RecordedDefault = {
    route: defaultRoute("ipv6", 2, "fe80::1"),
    raw: new Uint8Array(),
  };
  const before = host.snapshot();
  await expect(
    guardRemovals(host.control).removeRecorded(record, other, never),
  ).rejects.toBeInstanceOf(RangeError);
  expect(host.snapshot()).toEqual(before);
});

test("each unscoped delete of random lives is covered by what the disk holds at that moment", async () => {
  let deletes = 0;
  for (let seed = 1; seed <= 60; seed += 1) {
    const random = seededRandom(seed);
    const host = memoryHost();
    await using journal = await host.openJournal();
    const recording: RouteControl = {
      ...host.control,
      async removeDefault(record, signal) {
        deletes += 1;
        const { records } = await readJournal(host.directory, identity.bootId);
        const covered = foldJournal(records, identity).openDebts.flatMap(
          ({ displaced, pending }) => [
            ...displaced.defaults.map(({ route }) => route),
            ...[displaced.replacement, pending?.standIn].flatMap((route) => route ?? []),
          ],
        );
        expect(
          covered.some((route) => isSameDefault(route, record.route)),
          `seed ${seed}`,
        ).toBe(true);
        return host.control.removeDefault(record, signal);
      },
    };
    for (let turn = 0; turn < 5; turn += 1) {
      const metric = [0, 100, 700][random(3)] ?? 0;
      const wishes = [
        displacing(defaultRoute("ipv4", 9, "10.9.0.1", { metric }), "four"),
        displacing(defaultRoute("ipv6", 9, "fd00::1", { metric: 1024 }), "six"),
      ].filter(() => random(2) === 0);
      const wanted = intentions({ scoped: auto, displacing: wishes });
      await reconcile(wanted, host.surroundings(), host.workplace(journal, recording), never);
    }
  }
  expect(deletes).toBeGreaterThan(100);
});
