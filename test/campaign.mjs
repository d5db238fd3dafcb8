import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

// The crash scenarios of the suite, more of them or others, over the real kernel or over the one made of arrays:
//   npm run campaign -- --runs 5000 [--seed 1001] [--over memory]
const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    over: { type: "string", default: "kernel" },
  },
});
const tests = { kernel: "test/crash/crash.test.ts", memory: "test/routes/crash.test.ts" };
const words = ["run", "--config", "test/vitest.config.ts", tests[values.over] ?? tests.kernel];
const { status } = spawnSync("vitest", words, {
  stdio: "inherit",
  env: { ...process.env, CRASH_RUNS: values.runs, CRASH_SEED: values.seed },
});
process.exitCode = status ?? 1;
