import { availableParallelism } from "node:os";
import { describe, expect, test } from "vitest";
import { runScenario } from "./crash-host.ts";
import { openDoomedPool } from "./doomed-pool.ts";
import type { Life } from "./life.ts";
import { crashScenario } from "./scenario.ts";

/** More of them, or others: `npm run campaign -- --runs 1000 --seed 201`. */
const runs = Number(process.env.CRASH_RUNS ?? 200);
const firstSeed = Number(process.env.CRASH_SEED ?? 1);
const enoughFailures = 5;

const places: readonly string[] = [
  ...["within write", "after write", "after fsync", "after fsync of the directory", "after rename"],
  ...["after RTM_NEWROUTE", "after RTM_DELROUTE", "after RTM_NEWRULE", "after RTM_DELRULE"],
];

describe.skipIf(process.platform !== "linux")("SIGKILL, over the real kernel and disk", () => {
  test("restore gives exactly the routing of before, wherever netwatch was killed", async () => {
    const seeds = Array.from({ length: runs }, (_, at) => firstSeed + at);
    using pool = openDoomedPool(kindsOfLives(seeds), Math.min(2, availableParallelism()));
    const kills = new Set<string>();
    const failures: unknown[] = [];
    for (const seed of seeds) {
      try {
        for (const at of await runScenario(crashScenario(seed), pool)) kills.add(at);
      } catch (error) {
        failures.push(error);
        if (failures.length >= enoughFailures) break;
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join("\n"));
    // The scenarios must reach what they are about.
    if (runs < 200) return;
    const reached = [...kills];
    for (const place of places)
      expect(
        reached.filter((at) => at.endsWith(place)),
        place,
      ).not.toEqual([]);
    for (const as of ["keeper", "daemon", "restore"])
      expect(reached.filter((at) => at.startsWith(as)).length, as).toBeGreaterThan(5);
  }, 1_800_000);
});

function* kindsOfLives(seeds: readonly number[]): Generator<Life["as"]> {
  for (const seed of seeds) for (const { as } of crashScenario(seed).lives) yield as;
}
