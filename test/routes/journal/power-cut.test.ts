import { expect, test } from "vitest";
import type { Journal } from "../../../src/routes/journal/journal.ts";
import { JournalError } from "../../../src/routes/journal/journal-error.ts";
import { foldJournal } from "../../../src/routes/journal/journal-state.ts";
import { openJournal } from "../../../src/routes/journal/open-journal.ts";
import type { JournalFact } from "../../../src/routes/journal/record.ts";
import {
  errno,
  type MemoryDirectory,
  memoryDirectory,
  type Random,
  seededRandom,
} from "./memory-directory.ts";
import {
  closed,
  displaced,
  done,
  hostRoute,
  identity,
  intent,
  lastKnownGood,
  lease,
  pending,
  slot,
  voided,
} from "./sample-records.ts";

// Small, so that a life sees several rotations.
const options = { now: () => ({ epochMs: 0, uptimeMs: 0 }), limitBytes: 6_000 };

/** For each thing that the journal speaks of, what may be found after the next start. */
type Expectation = Map<string, Set<string>>;

function keyAndValue(fact: JournalFact): readonly [string, string] {
  switch (fact.kind) {
    case "displaced":
      return [`debt ${fact.debt}`, "open"];
    case "pending":
      return [`debt ${fact.debt}`, `tried ${fact.attempts}`];
    case "lifetime":
      return [`lifetime ${fact.debt} ${fact.place}`, `${fact.expiresAt}`];
    case "closed":
      return [`debt ${fact.debt}`, "none"];
    case "slot":
      return [`slot ${fact.slot}`, fact.state === "removed" ? "none" : `${fact.gateway}`];
    case "last-known-good":
      return ["good", `${fact.route.gateway}`];
    case "last-known-good-void":
      return ["good", "none"];
    case "intent":
      return [`plan ${fact.plan}`, "begun"];
    case "done":
      return [`plan ${fact.plan}`, "none"];
    case "host-route":
      return [`host ${fact.destination}`, fact.state === "removed" ? "none" : "stands"];
    case "lease":
      return [`lease ${fact.lease}`, fact.state === "released" ? "none" : `${fact.ttlMs}`];
    default:
      return fact satisfies never;
  }
}

function found(journal: Journal): Map<string, string> {
  const state = foldJournal(journal.records, identity);
  const good = state.lastKnownGood.ipv4?.route.gateway ?? "none";
  return new Map([
    ...state.openDebts.map(({ displaced: { debt }, pending: retry }): [string, string] => [
      `debt ${debt}`,
      retry === null ? "open" : `tried ${retry.attempts}`,
    ]),
    ...state.slots.map((record): [string, string] => [`slot ${record.slot}`, `${record.gateway}`]),
    ...state.openPlans.map(({ plan }): [string, string] => [`plan ${plan}`, "begun"]),
    ...state.hostRoutes.map((host): [string, string] => [`host ${host.destination}`, "stands"]),
    ...state.leases.map((held): [string, string] => [`lease ${held.lease}`, `${held.ttlMs}`]),
    ["good", good],
  ]);
}

function mayBe(expectation: Expectation, key: string): Set<string> {
  const values = expectation.get(key) ?? new Set(["none"]);
  expectation.set(key, values);
  return values;
}

/** What was found that must not be, and what was not found that must. */
function surprises(expectation: Expectation, actual: ReadonlyMap<string, string>): string[] {
  const keys = new Set([...expectation.keys(), ...actual.keys()]);
  return [...keys].flatMap((key) => {
    const value = actual.get(key) ?? "none";
    const allowed = mayBe(expectation, key);
    return allowed.has(value) ? [] : [`${key} is ${value} instead of ${[...allowed].join(" or ")}`];
  });
}

function someFacts(random: Random, expectation: Expectation, name: string): JournalFact[] {
  const debts = [...expectation].flatMap(([key, values]) =>
    key.startsWith("debt ") && !values.has("none") ? [key.slice(5)] : [],
  );
  const debt = debts[random(debts.length + 1)] ?? name;
  const kinds: (() => JournalFact[])[] = [
    () => [displaced(name)],
    () => [intent(name), displaced(`${name}-4`), displaced(`${name}-6`, { family: "ipv6" })],
    () => (debts.includes(debt) ? [pending(debt, random(9))] : [slot(random(4), "installed")]),
    () => [closed(debt)],
    () => [slot(random(4), "intent", { gateway: `192.0.2.${random(250)}` })],
    () => [slot(random(4), "removed"), done(name)],
    () => [random(4) === 0 ? voided() : lastKnownGood(`192.0.2.${random(250)}`)],
    () => [intent(name)],
    () => [hostRoute(random(4), random(2) === 0 ? "removed" : "intent")],
    () => [lease(`${random(4)}`, random(2) === 0 ? "released" : "held", random(9))],
  ];
  return kinds[random(kinds.length)]?.() ?? [];
}

/** Appends until the power goes or enough was done; keeps the expectation true at every moment. */
async function live(
  journal: Journal,
  random: Random,
  expectation: Expectation,
  life: string,
): Promise<void> {
  const append = async (facts: JournalFact[]): Promise<void> => {
    for (const [key, value] of facts.map(keyAndValue)) mayBe(expectation, key).add(value);
    try {
      await journal.append(facts);
    } catch (error) {
      expect(error).toBeInstanceOf(JournalError);
      return;
    }
    for (const [key, value] of facts.map(keyAndValue)) expectation.set(key, new Set([value]));
  };
  for (let step = 0; step < 25; step += 1) {
    // One at a time for each key: what two writers of one key leave has no order to check.
    await append(someFacts(random, expectation, `${life}-${step}`));
    if (random(6) === 0) {
      await Promise.all([
        append([displaced(`${life}-${step}-a`)]),
        append([intent(`${life}-${step}-b`)]),
        journal.rotate().catch((error: unknown) => expect(error).toBeInstanceOf(JournalError)),
        append([displaced(`${life}-${step}-c`)]),
      ]);
    }
  }
}

async function openAndLive(
  directory: MemoryDirectory,
  random: Random,
  expectation: Expectation,
  life: string,
): Promise<void> {
  try {
    await using journal = await openJournal(directory, identity, options);
    await live(journal, random, expectation, life);
  } catch (error) {
    expect(error).toBeInstanceOf(JournalError);
  }
}

/** Starts without trouble and holds what is found against what may be; what is found counts from now on. */
async function check(directory: MemoryDirectory, expectation: Expectation): Promise<string[]> {
  await using journal = await openJournal(directory, identity, options);
  const actual = found(journal);
  const wrong = surprises(expectation, actual);
  expectation.clear();
  for (const [key, value] of actual) expectation.set(key, new Set([value]));
  expect(journal.report.mendFailure).toBeNull();
  return wrong;
}

test("Journal keeps what it acknowledged when the power goes between any two calls (400 seeded runs)", async () => {
  let cuts = 0;
  for (let seed = 1; seed <= 400; seed += 1) {
    const random = seededRandom(seed);
    const expectation: Expectation = new Map();
    let directory = memoryDirectory();
    for (let life = 0; life < 4; life += 1) {
      directory.calls.length = 0;
      const last = random(130);
      directory.before = (_call, number) => {
        if (number >= last) throw errno("EIO");
      };
      await openAndLive(directory, random, expectation, `${life}`);
      if (directory.calls.length >= last) cuts += 1;
      // Only the process died: the next one goes on with what the system still has in memory.
      if (life < 3 && random(3) > 0) continue;
      directory = directory.afterPowerCut(random);
      expect(await check(directory, expectation), `seed ${seed}, life ${life}`).toEqual([]);
      directory = directory.afterPowerCut(random);
    }
  }
  expect(cuts).toBeGreaterThan(1_000);
}, 120_000);

test("Journal keeps what it acknowledged when calls fail at random and space runs out (200 seeded runs)", async () => {
  let refused = 0;
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = seededRandom(seed);
    const expectation: Expectation = new Map();
    let directory = memoryDirectory();
    for (let life = 0; life < 2; life += 1) {
      directory.capacity = 3_000 + random(20_000);
      const rate = 3 + random(60);
      directory.before = () => {
        if (random(rate) > 0) return;
        refused += 1;
        throw errno(["EIO", "ENOSPC", "EROFS", "EACCES"][random(4)] ?? "EIO");
      };
      await openAndLive(directory, random, expectation, `${life}`);
      directory.capacity = Number.POSITIVE_INFINITY;
      directory.before = () => undefined;
      if (random(2) === 0) directory = directory.afterPowerCut(random);
      expect(await check(directory, expectation), `seed ${seed}, life ${life}`).toEqual([]);
    }
  }
  expect(refused).toBeGreaterThan(400);
}, 120_000);
