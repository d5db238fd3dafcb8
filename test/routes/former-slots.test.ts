import { describe, expect, test } from "vitest";
import { openMemoryRouteControl } from "../../src/platform/memory/memory-route-control.ts";
import { planFormer, splitSlots } from "../../src/routes/former-slots.ts";
import { foldJournal } from "../../src/routes/journal/journal-state.ts";
import type { RecordOf } from "../../src/routes/journal/record.ts";
import { reconcile } from "../../src/routes/reconcile.ts";
import { seededRandom } from "./journal/memory-directory.ts";
import {
  auto,
  defaultRoute,
  displacing,
  identity,
  intentions,
  type MemoryHost,
  memoryHost,
  never,
  places,
} from "./memory-host.ts";

type Places = typeof places;

function record(slot: number, changes: Partial<RecordOf<"slot">> = {}): RecordOf<"slot"> {
  return {
    kind: "slot",
    ...identity,
    time: "2026-11-21T08:00:00.000Z",
    uptimeMs: 1_000,
    family: "ipv4",
    slot,
    interface: { index: 2, name: "eth0", mac: null, kind: "physical" },
    preference: 5100 + 2 * slot,
    table: 5100 + slot,
    protocol: 199,
    gateway: "10.0.0.1",
    source: null,
    prefixes: [],
    form: "pair",
    state: "installed",
    ...changes,
  };
}

describe("splitSlots()", () => {
  const former = (changes: Partial<RecordOf<"slot">>, now: Places | null = places) =>
    splitSlots({ slots: [record(1, changes)] }, now).former.map(({ places: then }) => then);

  test("knows today's places by preference, table and mark", () => {
    expect(former({})).toEqual([]);
    expect(former({ protocol: 150 })).toEqual([{ ...places, protocol: 150 }]);
    expect(former({ preference: 6102 })).toEqual([{ ...places, preferenceBase: 6100 }]);
    expect(former({ table: 9001 })).toEqual([{ ...places, tableBase: 9000 }]);
  });

  test("takes a record of before the mark was recorded for one with today's", () => {
    const { protocol, ...old } = record(1);
    expect(splitSlots({ slots: [old] }, places).former).toEqual([]);
    expect(splitSlots({ slots: [{ ...old, table: 9001 }] }, places).former).toMatchObject([
      { places: { ...places, tableBase: 9000 } },
    ]);
  });

  test("a system without places has no former ones", () => {
    expect(former({ preference: null, table: null, protocol: null }, null)).toEqual([]);
    expect(former({ preference: null, table: null, protocol: null })).toEqual([]);
  });
});

describe("planFormer()", () => {
  const plan = (now: Places): readonly number[] => {
    const { former } = splitSlots({ slots: [record(3)] }, now);
    const { first, last } = planFormer(former, [], now);
    return [first.length, last.length];
  };

  test.each<[string, Partial<Places>, readonly number[]]>([
    ["other preferences and tables", { preferenceBase: 6100, tableBase: 6100 }, [0, 1]],
    ["another mark in the same places", { protocol: 150 }, [0, 1]],
    ["the same tables under other preferences", { preferenceBase: 6100 }, [1, 0]],
    ["the same preferences over other tables", { tableBase: 6100 }, [1, 0]],
    ["places that lie across", { preferenceBase: 5107, tableBase: 6100 }, [1, 0]],
    ["places that end before", { preferenceBase: 5006, tableBase: 5053 }, [0, 1]],
    ["places that begin behind", { preferenceBase: 5108, tableBase: 5104 }, [0, 1]],
  ])("what stands in the way goes first: %s", (_name, changes, expected) => {
    expect(plan({ ...places, ...changes })).toEqual(expected);
  });
});

/** A run of a program with a configuration of its own. */
function workplaceOf(
  host: MemoryHost,
  journal: Awaited<ReturnType<MemoryHost["openJournal"]>>,
  at: Places,
) {
  const control = openMemoryRouteControl(host.platform, identity, at);
  control.controls.before = (request) => host.control.controls.before(request);
  return { control, workplace: { ...host.workplace(journal, control), places: at } };
}

describe("an earlier configuration", () => {
  const layouts: readonly Places[] = [
    places,
    { preferenceBase: 6100, tableBase: 6100, protocol: 199 },
    { preferenceBase: 5100, tableBase: 5100, protocol: 150 },
    { preferenceBase: 6100, tableBase: 5100, protocol: 199 },
    { preferenceBase: 5101, tableBase: 5101, protocol: 199 },
    { preferenceBase: 5100, tableBase: 6100, protocol: 150 },
  ];

  test("gives way to the new one after that stands, and the journal forgets it", async () => {
    const host = memoryHost();
    const before = host.snapshot();
    await using journal = await host.openJournal();
    for (const at of layouts) {
      const { workplace } = workplaceOf(host, journal, at);
      const surroundings = host.surroundings({ tag: String(at.protocol) });
      const { outcomes, plan } = await reconcile(intentions(), surroundings, workplace, never);
      expect(outcomes.filter(({ result }) => result !== "done")).toEqual([]);
      expect(plan.scoped.map(({ state }) => state)).toEqual([
        "installed",
        "installed",
        "installed",
      ]);
      const tables = new Set(host.platform.kernel.scopedRoutes.map(({ table }) => table));
      for (const table of tables) expect(table - at.tableBase).toBeLessThan(50);
      const marks = host.platform.kernel.rules.map(({ protocol }) => protocol);
      expect(new Set(marks)).toEqual(new Set([String(at.protocol)]));
      const { slots } = foldJournal(journal.records, journal.identity);
      expect(splitSlots({ slots }, at).former).toEqual([]);
      expect(slots).toHaveLength(3);
    }
    await journal[Symbol.asyncDispose]();
    const outcome = await host.restore({ places: layouts[1] ?? places });
    expect(outcome).toMatchObject({ exitCode: 0 });
    expect(host.snapshot()).toEqual(before);
  });

  test("is taken back by restore, whatever the kills and the configuration of each run", async () => {
    let killed = 0;
    for (let seed = 1; seed <= 150; seed += 1) {
      const random = seededRandom(seed);
      const host = memoryHost();
      const before = host.snapshot();
      const any = (): Places => layouts[random(layouts.length)] ?? places;
      for (let life = 0; life < 3; life += 1) {
        const at = any();
        let left = random(40);
        let blown = false;
        const point = (): void => {
          left -= 1;
          blown = left < 0;
          if (blown) throw new Error("SIGKILL");
        };
        host.control.controls.before = point;
        host.directory.before = point;
        try {
          await using journal = await host.openJournal();
          const tag = String(at.protocol);
          const wish = displacing(defaultRoute("ipv4", 9, "10.9.0.1"), `lease-${life}`);
          const wanted = intentions({
            displacing:
              random(2) === 0 ? [{ ...wish, route: { ...wish.route, protocol: tag } }] : [],
            scoped: random(4) === 0 ? null : auto,
          });
          const { workplace } = workplaceOf(host, journal, at);
          await reconcile(wanted, host.surroundings({ tag }), workplace, never);
        } catch (error) {
          if (!blown) throw error;
          killed += 1;
        }
      }
      host.control.controls.before = () => undefined;
      host.directory.before = () => undefined;
      const at = any();
      const control = openMemoryRouteControl(host.platform, identity, at);
      const restore = () => host.restore({ control, places: at, tag: String(at.protocol) });
      expect(await restore(), `seed ${seed}`).toMatchObject({ exitCode: 0 });
      expect(host.snapshot(), `seed ${seed}`).toEqual(before);
      expect((await restore()).steps, `seed ${seed}`).toEqual([]);
    }
    expect(killed).toBeGreaterThan(100);
  });
});
