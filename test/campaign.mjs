import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

// The crash campaign of the suite with more scenarios: npm run campaign -- --runs 5000
const { values } = parseArgs({ options: { runs: { type: "string", default: "5000" } } });
const words = ["run", "--config", "test/vitest.config.ts", "test/routes/crash.test.ts"];
const { status } = spawnSync("vitest", words, {
  stdio: "inherit",
  env: { ...process.env, CRASH_RUNS: values.runs },
});
process.exitCode = status ?? 1;
