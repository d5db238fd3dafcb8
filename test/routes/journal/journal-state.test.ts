import { fc, test as propertyTest } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { compactEntries } from "../../../src/routes/journal/compaction.ts";
import { entryFromFact, entryFromText } from "../../../src/routes/journal/journal-entry.ts";
import { foldJournal } from "../../../src/routes/journal/journal-state.ts";
import type { JournalFact, JournalRecord } from "../../../src/routes/journal/record.ts";
import {
  closed,
  displaced,
  done,
  eth0,
  hostRoute,
  identity,
  intent,
  lastKnownGood,
  lease,
  lifetime,
  pending,
  slot,
  voided,
} from "./sample-records.ts";

const moment = { epochMs: 1_790_000_000_000, uptimeMs: 60_000 };
const elsewhere = { ...identity, namespaceCookie: "5000" };
const otherBoot = { ...identity, bootId: "00000000-0000-4000-8000-000000000000" };

function records(facts: readonly JournalFact[], of = identity): JournalRecord[] {
  return facts.flatMap((fact) => entryFromFact(fact, of, moment).record ?? []);
}

function debtsOf(facts: readonly JournalFact[]): string[] {
  return foldJournal(records(facts), identity).openDebts.map((debt) => debt.displaced.debt);
}

describe("foldJournal()", () => {
  test("counts a displacement as a debt until it is closed, by whatever outcome", () => {
    expect(debtsOf([displaced("a"), displaced("b", { family: "ipv6" })])).toEqual(["a", "b"]);
    for (const outcome of ["settled", "theirs", "handed-over", "expired", "forgotten"] as const) {
      expect(debtsOf([displaced("a"), displaced("b"), closed("a", outcome)])).toEqual(["b"]);
    }
  });

  test("keeps the first record of a debt and the newest try to settle it", () => {
    const facts = [displaced("a"), displaced("a", { table: 7 }), pending("a", 1), pending("a", 2)];
    const [debt] = foldJournal(records(facts), identity).openDebts;
    expect(debt?.displaced.table).toBe(254);
    expect(debt?.pending?.attempts).toBe(2);
  });

  test("gives a debt's defaults the lifetimes that were learned last, and keeps the rest", () => {
    const facts = [
      lifetime("a", 1),
      displaced("a"),
      lifetime("a", 2),
      lifetime("b", 3),
      lifetime("a", 4),
      lifetime("a", 5, 9),
      displaced("a", { table: 7 }),
    ];
    const [debt] = foldJournal(records(facts), identity).openDebts;
    expect(debt?.displaced.defaults.map(({ route }) => route.expiresAt)).toEqual([4]);
    expect(debt?.displaced).toMatchObject({ table: 254, defaults: [{ route: { metric: 100 } }] });
  });

  test("a slot in another place is another, and its end says nothing newer of the gateway", () => {
    const there = { preference: 6100, table: 6100, gatewaySinceUptimeMs: 70_000 };
    const facts = [
      slot(0, "installed"),
      slot(0, "installed", { ...there, gateway: "192.0.2.9" }),
      slot(0, "removed", { gatewaySinceUptimeMs: 60_000 }),
    ];
    const both = foldJournal(records(facts.slice(0, 2)), identity);
    expect(both.slots.map(({ table }) => table)).toEqual([5100, 6100]);
    const { slots, remembered } = foldJournal(records(facts), identity);
    expect(slots.map(({ table }) => table)).toEqual([6100]);
    expect(remembered.map(({ gateway }) => gateway)).toEqual(["192.0.2.9"]);
  });

  test("knows the newest of each family and slot, unless it was removed", () => {
    const facts = [
      slot(1, "intent"),
      slot(1, "installed"),
      slot(2, "installed", { gateway: "198.51.100.1" }),
      slot(1, "installed", { family: "ipv6", gateway: "fe80::1" }),
      slot(2, "removed"),
      slot(3, "handed-over"),
    ];
    const { slots } = foldJournal(records(facts), identity);
    expect(slots.map(({ family, slot: number, state }) => [family, number, state])).toEqual([
      ["ipv4", 1, "installed"],
      ["ipv6", 1, "installed"],
    ]);
  });

  test("remembers an interface's gateway behind the removal of its slot, by MAC if it has one", () => {
    const tun = { index: 9, name: "tun0", mac: null, kind: "tunnel" } as const;
    const facts = [
      slot(1, "installed"),
      slot(2, "removed", { gateway: "192.0.2.254", interface: { ...eth0, name: "lan0" } }),
      slot(3, "removed", { gateway: null, interface: tun }),
    ];
    const { remembered } = foldJournal(records(facts), identity);
    expect(remembered.map((record) => [record.interface.name, record.gateway])).toEqual([
      ["lan0", "192.0.2.254"],
      ["tun0", null],
    ]);
  });

  test("offers the last known good until it is voided", () => {
    const good = (facts: JournalFact[]): string | null | undefined =>
      foldJournal(records(facts), identity).lastKnownGood.ipv4?.route.gateway;
    expect(good([lastKnownGood("192.0.2.1"), lastKnownGood("192.0.2.2")])).toBe("192.0.2.2");
    expect(good([lastKnownGood(), voided()])).toBeUndefined();
    expect(good([lastKnownGood(), voided(), lastKnownGood("192.0.2.3")])).toBe("192.0.2.3");
  });

  test("knows the plans that were begun and not done", () => {
    const facts = [intent("1"), intent("2"), done("1")];
    const { openPlans } = foldJournal(records(facts), identity);
    expect(openPlans.map(({ plan }) => plan)).toEqual(["2"]);
  });

  test("knows the routes to servers and the leases that have not ended", () => {
    const facts = [
      hostRoute(1, "intent"),
      hostRoute(2, "intent"),
      hostRoute(1, "removed"),
      lease("a", "held", 10),
      lease("b", "held"),
      lease("a", "held", 20),
      lease("b", "released"),
    ];
    const { hostRoutes, leases } = foldJournal(records(facts), identity);
    expect(hostRoutes.map(({ destination }) => destination)).toEqual(["203.0.113.2"]);
    expect(leases.map((held) => [held.lease, held.ttlMs])).toEqual([["a", 20]]);
  });

  test("acts on nothing of another boot or namespace, and a close there closes nothing here", () => {
    const facts = [displaced("a"), slot(1, "installed"), lastKnownGood(), intent("1")];
    for (const other of [elsewhere, otherBoot]) {
      expect(foldJournal(records(facts, other), identity)).toEqual(foldJournal([], identity));
      const mixed = [...records(facts), ...records([closed("a"), voided(), done("1")], other)];
      expect(foldJournal(mixed, identity)).toEqual(foldJournal(records(facts), identity));
    }
  });
});

const name = fc.constantFrom("a", "b", "c");
const number = fc.nat({ max: 3 });
const anyFact: fc.Arbitrary<JournalFact> = fc.oneof(
  name.map((debt) => displaced(debt)),
  name.map((debt) => closed(debt)),
  fc.tuple(name, number).map(([debt, attempts]) => pending(debt, attempts)),
  fc
    .tuple(
      number,
      fc.constantFrom("intent", "installed", "removed", "handed-over"),
      number,
      fc.constantFrom(5100, 6100),
      number,
    )
    .map(([at, state, mac, table, since]) =>
      slot(at, state, {
        interface: { ...eth0, mac: `02:00::${mac}` },
        table,
        gatewaySinceUptimeMs: since,
      }),
    ),
  fc.tuple(name, number, number).map(([debt, end, place]) => lifetime(debt, end, place)),
  fc
    .tuple(number, fc.constantFrom("intent", "removed"))
    .map(([host, state]) => hostRoute(host, state)),
  fc.tuple(name, fc.constantFrom("held", "released")).map(([id, state]) => lease(id, state)),
  number.map((host) => lastKnownGood(`192.0.2.${host}`)),
  fc.constant(voided()),
  name.map((plan) => intent(plan)),
  name.map((plan) => done(plan)),
);
const anyEntries = fc
  .array(fc.tuple(anyFact, fc.constantFrom(identity, elsewhere, otherBoot)), { maxLength: 60 })
  .map((facts) =>
    facts.map(([fact, of], at) => ({ ...entryFromFact(fact, of, moment), sequence: at + 1 })),
  );

describe("compactEntries()", () => {
  propertyTest.prop([anyEntries, fc.nat({ max: 20_000 })])(
    "changes no state of any namespace of this boot",
    (entries, historyBytes) => {
      const kept = compactEntries(entries, identity.bootId, historyBytes);
      for (const of of [identity, elsewhere]) {
        const before = entries.flatMap(({ record }) => record ?? []);
        const after = kept.flatMap(({ record }) => record ?? []);
        expect(foldJournal(after, of)).toEqual(foldJournal(before, of));
      }
      const again = compactEntries(kept, identity.bootId, historyBytes);
      expect(again.length).toBeLessThanOrEqual(kept.length);
    },
  );

  test("drops what is over and what other boots left, and keeps the newest for reading", () => {
    const facts = [displaced("a"), closed("a"), displaced("b")];
    const entries = [otherBoot, identity].flatMap((of) =>
      facts.map((fact) => entryFromFact(fact, of, moment)),
    );
    expect(compactEntries(entries, identity.bootId, 0)).toEqual(entries.slice(-1));
    const bytes = entries.slice(-2).reduce((sum, { text }) => sum + text.length, 0);
    expect(compactEntries(entries, identity.bootId, bytes)).toEqual(entries.slice(-2));
  });

  test("keeps what this version does not understand, if this boot wrote it", () => {
    const stamp = { ...moment, time: "2026-09-21T14:13:20.000Z", namespaceCookie: "4097" };
    const texts = [identity.bootId, otherBoot.bootId].map((bootId) =>
      JSON.stringify({ kind: "lease", bootId, ...stamp }),
    );
    const entries = texts.map((text, at) => entryFromText(at + 1, text));
    expect(entries.map(({ record }) => record)).toEqual([null, null]);
    expect(compactEntries(entries, identity.bootId, 0).map(({ text }) => text)).toEqual(
      texts.slice(0, 1),
    );
  });
});
