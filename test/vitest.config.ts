import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    exclude: ["test/package/**"],
    globalSetup: "test/build-once.ts",
    // One process for each file: a test may enter a network namespace, which belongs to a thread.
    pool: "forks",
    // Most of them wait for other processes most of the time.
    maxWorkers: 2 * availableParallelism(),
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
