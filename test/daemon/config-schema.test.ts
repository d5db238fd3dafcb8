import { expect, test } from "vitest";
import { defaultConfig } from "../../src/daemon/config.ts";
import { parseConfig } from "../../src/daemon/config-schema.ts";
import { DaemonError } from "../../src/daemon/daemon-error.ts";

/** The lines of the error that a text is refused with, `line: message`. */
function problems(...lines: string[]): string[] {
  try {
    parseConfig(lines.join("\n"), "f.toml");
  } catch (error) {
    if (!(error instanceof DaemonError)) throw error;
    expect(error.code).toBe("config");
    const text = error.message.replace("cannot use the configuration:", "").trim();
    return text.split("\n").map((line) => line.replace("f.toml:", ""));
  }
  return [];
}

test("parseConfig() takes an empty file for the defaults", () => {
  expect(parseConfig("", "f.toml")).toEqual(defaultConfig);
  const tables = Object.keys(defaultConfig).map((table) => `[${table}]`);
  expect(parseConfig(tables.join("\n"), "f.toml")).toEqual(defaultConfig);
});

test("parseConfig() takes every key", () => {
  const text = `
[monitor]
debounce_quiet_ms = 100
debounce_max_ms = 1000
reconcile_ms = 30_000
probe_ms = 10000
receive_buffer_bytes = 65536
[interfaces]
churn = ["veth*", "x?"]
kinds = { "ppp*" = "tunnel", wl0 = "wireless" }
[routes]
scoped = ["eth*"]
families = ["ipv6"]
guard = "restore"
guard_grace_ms = 0
on_stop = "keep"
replies = true
preference_base = 6000
table_base = 7000
protocol = 42
flag = "proto1"
[admin]
read = "group"
group = "adm"
[metrics]
listen = "[::1]:9797"
[log]
level = "debug"
`;
  expect(parseConfig(text, "f.toml")).toEqual({
    monitor: {
      debounceQuietMs: 100,
      debounceMaxMs: 1_000,
      reconcileMs: 30_000,
      probeMs: 10_000,
      receiveBufferBytes: 65_536,
    },
    interfaces: { churn: ["veth*", "x?"], kinds: { "ppp*": "tunnel", wl0: "wireless" } },
    routes: {
      scoped: ["eth*"],
      families: ["ipv6"],
      guard: "restore",
      guardGraceMs: 0,
      onStop: "keep",
      replies: true,
      preferenceBase: 6_000,
      tableBase: 7_000,
      protocol: 42,
      flag: "proto1",
    },
    admin: { read: "group", group: "adm" },
    metrics: { listen: "[::1]:9797" },
    log: { level: "debug" },
  });
});

test("parseConfig() names line, key and the nearest known key", () => {
  expect(problems("[monitor]", "", "debounce_quite_ms = 3")).toEqual([
    '3: unknown key "debounce_quite_ms" in [monitor], did you mean "debounce_quiet_ms"?',
  ]);
  expect(problems("[rotes]", "x = 1")).toEqual([
    '1: unknown table or key "rotes", did you mean "routes"?',
  ]);
  expect(problems("probe_ms = 3")).toEqual([
    '1: unknown table or key "probe_ms", it belongs in [monitor]',
  ]);
  expect(problems("[log]", "colour = true")).toEqual([
    '2: unknown key "colour" in [log], known are level',
  ]);
});

test("parseConfig() says what was expected", () => {
  expect(problems("[monitor]", 'reconcile_ms = "15s"', "probe_ms = 1.5")).toEqual([
    '2: monitor.reconcile_ms must be a whole number, not "15s"',
    "3: monitor.probe_ms must be a whole number, not 1.5",
  ]);
  expect(problems("[monitor]", "reconcile_ms = 10", "probe_ms = 86400001")).toEqual([
    "2: monitor.reconcile_ms must be at least 1000, not 10",
    "3: monitor.probe_ms must be at most 86400000, not 86400001",
  ]);
  expect(problems("admin.read = 'everyone'")).toEqual([
    '1: admin.read must be "all", "group" or "root", not "everyone"',
  ]);
  expect(problems("[routes]", "scoped = 3", "replies = 'no'", "families = []")).toEqual([
    '2: routes.scoped must be "auto" or a list of globs such as ["eth*"], not 3',
    '3: routes.replies must be true or false, not "no"',
    "4: routes.families must be not empty, not an empty list",
  ]);
  expect(problems("[metrics]", 'listen = "0.0.0.0:9797"')).toEqual([
    '2: metrics.listen must be a loopback address with a port such as "127.0.0.1:9797", or "", not "0.0.0.0:9797"',
  ]);
  expect(problems("log = 3")).toEqual(["1: log must be a table, not 3"]);
});

test("parseConfig() compares keys with each other, defaults included", () => {
  expect(problems("[monitor]", "debounce_quiet_ms = 5000")).toEqual([
    "1: monitor.debounce_max_ms must be at least debounce_quiet_ms, not its default",
  ]);
});

test("parseConfig() names the line of broken TOML", () => {
  expect(problems("[monitor]", "probe_ms = 3", "what is this")[0]).toMatch(/^3: not valid TOML: /);
  expect(problems("[log]", "level = 'info'", "level = 'warn'")[0]).toMatch(/^3: not valid TOML: /);
});
