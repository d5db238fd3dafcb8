import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasProgram } from "../../installed-program.ts";
import { until } from "../../namespace/namespace.ts";
import { ask, openTemporaryDirectory } from "../admin-client.ts";
import { startNetwatchd, startWords, untilStarted } from "../daemon-process.ts";

test("netwatchd serves metrics on its socket, and on loopback as long as it is configured", async () => {
  using directory = openTemporaryDirectory();
  using daemon = startNetwatchd(startWords(directory.path));
  await untilStarted(daemon);
  const { status, headers, text } = await ask(join(directory.path, "s"), "/v1/metrics");
  expect([status, headers["content-type"]]).toEqual([
    200,
    "text/plain; version=0.0.4; charset=utf-8",
  ]);
  expect(text).toContain("\nnetwatch_healthy 1\n");
  expect(daemon.log()).not.toContain("metrics at");

  writeFileSync(join(directory.path, "config.toml"), '[metrics]\nlisten = "127.0.0.1:0"\n');
  daemon.child.kill("SIGHUP");
  await until("the address", () => daemon.log().includes("metrics at"));
  const address = /metrics at (http:\S+)/.exec(daemon.log())?.[1] ?? "";
  const answer = await fetch(address);
  expect([answer.status, await answer.text()]).toEqual([
    200,
    expect.stringContaining("\nnetwatch_source_alive 1\n"),
  ]);

  writeFileSync(join(directory.path, "config.toml"), "");
  daemon.child.kill("SIGHUP");
  await until("its end", () =>
    fetch(address).then(
      () => false,
      () => true,
    ),
  );
  expect(daemon.log()).toContain("new: metrics.listen");
  daemon.child.kill("SIGTERM");
  expect(await daemon.exit()).toBe(0);
});

test("netwatchd stands although its metrics' port is taken", async () => {
  using directory = openTemporaryDirectory();
  using other = openTemporaryDirectory();
  using first = startNetwatchd(startWords(other.path, '[metrics]\nlisten = "127.0.0.1:0"\n'));
  await until("the address", () => first.log().includes("metrics at"));
  const port = /metrics at http:\S+:(\d+)/.exec(first.log())?.[1] ?? expect.fail(first.log());
  const config = `[metrics]\nlisten = "127.0.0.1:${port}"\n[admin]\nread = "root"\n`;
  using daemon = startNetwatchd(startWords(directory.path, config));
  await untilStarted(daemon);
  await until("the complaint", () => daemon.log().includes("error: metrics are not served"));
  expect(daemon.log()).toMatch(/metrics are not served: .*EADDRINUSE/);
  expect(daemon.log()).toContain("warn: every local user may read the metrics");
});

test("netwatchd check-config refuses metrics for other hosts", async () => {
  using directory = openTemporaryDirectory();
  startWords(directory.path, '[metrics]\nlisten = "0.0.0.0:9797"\n');
  const file = join(directory.path, "config.toml");
  using check = startNetwatchd(["check-config", "--config", file]);
  expect(await check.exit()).toBe(2);
  expect(check.log()).toContain(`${file}:2: metrics.listen must be`);
  expect(check.log()).toContain("a loopback address with a port");
});

describe.skipIf(!hasProgram("promtool"))("by Prometheus's own word", () => {
  test("what netwatchd serves keeps every convention", async () => {
    using directory = openTemporaryDirectory();
    using daemon = startNetwatchd(startWords(directory.path));
    await untilStarted(daemon);
    const { text } = await ask(join(directory.path, "s"), "/v1/metrics");
    const check = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
    expect([check.stdout, check.stderr, check.status]).toEqual(["", "", 0]);
  });
});
