import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { hasProgram } from "../../installed-program.ts";
import { ask, openTemporaryDirectory } from "../admin-client.ts";
import { startNetwatchd, startWords, untilStarted } from "../daemon-process.ts";

const rules = fileURLToPath(new URL("../../../docs/netwatch-alerts.yml", import.meta.url));
const scenes = fileURLToPath(new URL("alerts.test.yml", import.meta.url));

test("the alert rules and docs/metrics.md name what netwatchd tells, and nothing else", async () => {
  using directory = openTemporaryDirectory();
  using daemon = startNetwatchd(startWords(directory.path));
  await untilStarted(daemon);
  const { text } = await ask(join(directory.path, "s"), "/v1/metrics");
  const told = [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name);
  // What only a daemon has that manages routes, has uplinks, hears a kernel or had events.
  const sometimes = [
    "netwatch_journal_bytes",
    "netwatch_journal_records",
    "netwatch_journal_oversized",
    "netwatch_interface_up",
    "netwatch_interface_carrier",
    "netwatch_interface_addresses",
    "netwatch_interface_mtu_bytes",
    "netwatch_interface_info",
    "netwatch_default_route_info",
    "netwatch_scoped_default",
    "netwatch_events_total",
    "netwatch_source_last_message_timestamp_seconds",
    "netwatch_source_receive_buffer_bytes",
    "netwatch_source_dropped_messages_total",
    // Linux only.
    "process_virtual_memory_bytes",
    "process_open_fds",
    "process_max_fds",
  ];
  const docs = readFileSync(
    fileURLToPath(new URL("../../../docs/metrics.md", import.meta.url)),
    "utf8",
  );
  const described = [...docs.matchAll(/^\| `(\w+)[`{]/gm)].map(([, name]) => name);
  expect(described.toSorted()).toEqual([...new Set([...told, ...sometimes])].toSorted());
  const used = readFileSync(rules, "utf8").match(/\bnetwatch_\w+/g) ?? [];
  const unknown = used.filter((name) => !described.includes(name.replace(/_bucket$/, "")));
  expect(unknown).toEqual([]);
});

describe.skipIf(!hasProgram("promtool"))("by Prometheus's own word", () => {
  test("the alert rules are rules", () => {
    const { status, stdout, stderr } = spawnSync("promtool", ["check", "rules", rules], {
      encoding: "utf8",
    });
    expect([stderr, status]).toEqual(["", 0]);
    expect(stdout).toContain("SUCCESS: 12 rules found");
  });

  test("the alerts come when they should, and not before", () => {
    using directory = openTemporaryDirectory();
    copyFileSync(rules, join(directory.path, "netwatch-alerts.yml"));
    copyFileSync(scenes, join(directory.path, "alerts.test.yml"));
    const words = ["test", "rules", join(directory.path, "alerts.test.yml")];
    const { status, stdout, stderr } = spawnSync("promtool", words, { encoding: "utf8" });
    expect([stdout + stderr, status]).toEqual([expect.stringContaining("SUCCESS"), 0]);
  });
});
