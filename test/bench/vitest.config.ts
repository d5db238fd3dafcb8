import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/bench/**/*.bench.ts"],
    globalSetup: ["test/build-once.ts", "test/bench/bench-table.ts"],
    pool: "forks",
    // Measurements take the machine for themselves, one after the other.
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 60_000,
  },
});
