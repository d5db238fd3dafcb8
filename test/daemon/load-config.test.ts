import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { defaultConfig } from "../../src/daemon/config.ts";
import { loadConfig } from "../../src/daemon/load-config.ts";
import { openTemporaryDirectory } from "./admin-client.ts";

test("loadConfig() takes a missing file for the defaults, unless it was asked for", async () => {
  using directory = openTemporaryDirectory();
  const file = join(directory.path, "config.toml");
  expect(await loadConfig(file, false)).toEqual({ config: defaultConfig, found: false });
  await expect(loadConfig(file, true)).rejects.toMatchObject({
    code: "config",
    message: `cannot read the configuration ${file}: there is no such file`,
  });
});

test("loadConfig() reads a file", async () => {
  using directory = openTemporaryDirectory();
  const file = join(directory.path, "config.toml");
  writeFileSync(file, '[log]\nlevel = "warn"\n');
  const { config, found } = await loadConfig(file, false);
  expect({ found, level: config.log.level }).toEqual({ found: true, level: "warn" });
});

test("loadConfig() says that a directory is none", async () => {
  using directory = openTemporaryDirectory();
  const file = join(directory.path, "config.toml");
  mkdirSync(file);
  await expect(loadConfig(file, false)).rejects.toMatchObject({
    message: `cannot read the configuration ${file}: it is a directory`,
  });
});
