import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { netwatchVersion } from "../../src/admin-api/version.ts";

test("netwatchVersion is the package's version", () => {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  expect(netwatchVersion).toBe((JSON.parse(text) as { version: string }).version);
});
