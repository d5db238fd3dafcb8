import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { netwatchVersion } from "../../src/admin-api/version.ts";
import { openApiDocument } from "../../src/daemon/open-api.ts";
import { type ApiDocument, referenceText } from "./reference-text.ts";

const file = fileURLToPath(new URL("../../docs/admin-api.md", import.meta.url));
const marker = "<!-- Below: made from the schemas. Do not edit. -->";

// To make it anew: npx vitest run --config test/vitest.config.ts test/admin-api/reference.test.ts --update
test("docs/admin-api.md says what the schemas say", async () => {
  const [byHand = ""] = readFileSync(file, "utf8").split(marker);
  const reference = referenceText(openApiDocument(netwatchVersion) as unknown as ApiDocument);
  await expect(`${byHand}${marker}\n\n${reference}\n`).toMatchFileSnapshot(file);
});
