import { expect, test } from "vitest";
import { type Config, defaultConfig } from "../../src/daemon/config.ts";
import { compareConfigs } from "../../src/daemon/config-change.ts";
import { configReloader } from "../../src/daemon/config-reload.ts";
import { DaemonError } from "../../src/daemon/daemon-error.ts";
import { openReadableLogger } from "../../src/daemon/logger.ts";

const quiet: Config = { ...defaultConfig, log: { level: "error" } };
const slow: Config = {
  ...defaultConfig,
  monitor: { ...defaultConfig.monitor, reconcileMs: 60_000 },
};

test("compareConfigs() tells what works at once from what needs a restart", () => {
  expect(compareConfigs(defaultConfig, defaultConfig)).toEqual({ applied: [], needRestart: [] });
  const both = { ...quiet, monitor: slow.monitor, interfaces: { churn: [], kinds: {} } };
  expect(compareConfigs(defaultConfig, both)).toEqual({
    applied: ["interfaces.churn", "log.level"],
    needRestart: ["monitor.reconcile_ms"],
  });
});

function openReloads(): {
  readonly reload: () => Promise<void>;
  readonly files: (Config | Error)[];
  readonly applied: Config[];
  readonly lines: string[];
} {
  const files: (Config | Error)[] = [];
  const applied: Config[] = [];
  const lines: string[] = [];
  const reload = configReloader({
    config: defaultConfig,
    readConfig: async () => {
      const file = files.shift() ?? defaultConfig;
      if (file instanceof Error) throw file;
      return file;
    },
    apply: async (config) => void applied.push(config),
    log: openReadableLogger(
      "info",
      { write: (line) => lines.push(line.slice(9)) },
      () => new Date(),
    ),
  });
  return { reload, files, applied, lines };
}

test("configReloader() applies what changed, and says it", async () => {
  const { reload, files, applied, lines } = openReloads();
  files.push(quiet);
  await reload();
  expect(applied).toEqual([quiet]);
  expect(lines).toEqual(["configuration read again, new: log.level\n"]);
});

test("configReloader() keeps the old configuration when the new one is bad, and says why", async () => {
  const { reload, files, applied, lines } = openReloads();
  files.push(new DaemonError("config", "f.toml:3: unknown key", null), quiet);
  await reload();
  expect(applied).toEqual([]);
  expect(lines).toEqual(["error: the configuration stays as it was: f.toml:3: unknown key\n"]);
  await reload();
  expect(applied).toEqual([quiet]);
});

test("configReloader() says what needs a restart as long as it does", async () => {
  const { reload, files, lines } = openReloads();
  const warning = "warn: to take effect, these need a restart: monitor.reconcile_ms\n";
  files.push(slow, slow, defaultConfig);
  await Promise.all([reload(), reload(), reload()]);
  expect(lines.filter((line) => line.startsWith("warn"))).toEqual([warning, warning]);
  expect(lines.at(-1)).toBe("configuration read again, nothing new\n");
});
