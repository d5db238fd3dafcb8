import { expect, test } from "vitest";
import { crashScenario } from "./crash-scenario.ts";

/** More of them, or others: `npm run campaign -- --over memory --runs 5000 --seed 401`. */
const runs = Number(process.env.CRASH_RUNS ?? 400);
const firstSeed = Number(process.env.CRASH_SEED ?? 1);

test("restore gives exactly the routing of before, after a kill at any point", async () => {
  let killed = 0;
  let restoreKilled = 0;
  for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
    const result = await crashScenario(seed);
    if (result.killed) killed += 1;
    if (result.restoreKilled) restoreKilled += 1;
  }
  // The scenarios must reach what they are about.
  expect(killed).toBeGreaterThan(runs / 2);
  expect(restoreKilled).toBeGreaterThan(runs / 10);
}, 600_000);
