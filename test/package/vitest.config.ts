import { defineConfig } from "vitest/config";

// Outside the network namespace of the other tests: npm asks the registry. Nothing of the machine's network is touched.
export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/package/**/*.test.ts"],
    globalSetup: "test/build-once.ts",
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
