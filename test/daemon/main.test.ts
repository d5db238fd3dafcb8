import { execSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { statusSchema } from "../../src/admin-api/status-schema.ts";
import { until } from "../namespace/namespace.ts";
import { ask, openLines, openTemporaryDirectory } from "./admin-client.ts";
import { startNetwatchd, startWords, untilStarted } from "./daemon-process.ts";

test("netwatchd start says what is, and the command that it names works", async () => {
  using directory = openTemporaryDirectory();
  using daemon = startNetwatchd(startWords(directory.path));
  await untilStarted(daemon);
  const socket = join(directory.path, "s");
  const lines = daemon
    .log()
    .split("\n")
    .map((line) => line.slice(9));
  expect(lines[0]).toMatch(/^netwatchd \d+\.\d+\.\d+ only watches and changes nothing, /);
  expect(lines[1]).toBe(`listening on ${socket}`);
  expect(lines).toContain("ipv4 no default");
  const { json } = await ask(socket, "/v1/status");
  const { daemon: said, source } = statusSchema.parse(json);
  expect(said).toMatchObject({ pid: daemon.child.pid, mode: "observe", health: "ok", reasons: [] });
  expect(source.kind).toBe("memory");
  const command = /ask with: (.*)/.exec(daemon.log())?.[1] ?? expect.fail("it names no command");
  expect(execSync(`${command} --json`, { encoding: "utf8" })).toContain(
    `"pid":${daemon.child.pid}`,
  );
});

test.each(["SIGTERM", "SIGINT"] as const)(
  "netwatchd start ends well within a second of %s, streams included",
  async (signal) => {
    using directory = openTemporaryDirectory();
    using daemon = startNetwatchd(startWords(directory.path));
    await untilStarted(daemon);
    const socket = join(directory.path, "s");
    using stream = await openLines(socket, "/v1/events?follow=true");
    const startedAt = performance.now();
    daemon.child.kill(signal);
    expect(await daemon.exit()).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    await until("the end of the stream", () => stream.ended);
    expect(existsSync(socket)).toBe(false);
    expect(daemon.log()).not.toContain("warn: ");
  },
);

test("netwatchd start does not start twice, and does after the first was killed", async () => {
  using directory = openTemporaryDirectory();
  const words = startWords(directory.path);
  using first = startNetwatchd(words);
  await untilStarted(first);
  using second = startNetwatchd(words);
  expect(await second.exit()).toBe(3);
  expect(second.log()).toMatch(
    /^netwatchd: cannot listen on .*: a daemon is already running there\n/,
  );
  first.child.kill("SIGKILL");
  await first.exit();
  using third = startNetwatchd(words);
  await untilStarted(third);
});

test("netwatchd start reads the configuration again on SIGHUP, and keeps the old when it is bad", async () => {
  using directory = openTemporaryDirectory();
  using daemon = startNetwatchd(startWords(directory.path));
  await untilStarted(daemon);
  const file = join(directory.path, "config.toml");
  writeFileSync(file, "[monitor]\nreconcile = 3\n");
  daemon.child.kill("SIGHUP");
  await until("the complaint", () => daemon.log().includes("stays as it was"));
  expect(daemon.log()).toContain(`${file}:2: unknown key "reconcile" in [monitor]`);
  writeFileSync(file, "[monitor]\nreconcile_ms = 30000\n[interfaces]\nchurn = []\n");
  daemon.child.kill("SIGHUP");
  await until("the news", () => daemon.log().includes("need a restart: monitor.reconcile_ms"));
  expect(daemon.log()).toContain("configuration read again, new: interfaces.churn");
  expect((await ask(join(directory.path, "s"), "/v1/status")).status).toBe(200);
});

test("netwatchd start writes JSON when nobody sees its log", async () => {
  using directory = openTemporaryDirectory();
  const words = startWords(directory.path).filter((word) => !["--log", "readable"].includes(word));
  using daemon = startNetwatchd(words);
  await until("the announcement", () => daemon.log().includes("ask with:"));
  for (const line of daemon.log().trim().split("\n"))
    expect(JSON.parse(line)).toMatchObject({ level: "info", pid: daemon.child.pid });
});

test("netwatchd start goes on when its log's reader has gone", async () => {
  using directory = openTemporaryDirectory();
  using daemon = startNetwatchd(startWords(directory.path));
  await untilStarted(daemon);
  daemon.child.stderr?.destroy();
  const socket = join(directory.path, "s");
  for (let round = 0; round < 3; round += 1) {
    daemon.child.kill("SIGHUP");
    expect((await ask(socket, "/v1/status")).status).toBe(200);
  }
  daemon.child.kill("SIGTERM");
  expect(await daemon.exit()).toBe(0);
});

test("netwatchd exits with 2 on a bad configuration, naming file and line", async () => {
  using directory = openTemporaryDirectory();
  const words = startWords(directory.path, "\n[log]\nlevel = 3\n");
  using daemon = startNetwatchd(words);
  expect(await daemon.exit()).toBe(2);
  const file = join(directory.path, "config.toml");
  expect(daemon.log()).toContain(`${file}:3: log.level must be`);
  using check = startNetwatchd(["check-config", "--config", file]);
  expect(await check.exit()).toBe(2);
  expect(check.log()).toBe(daemon.log());
});

test("netwatchd check-config says that a good configuration is good", async () => {
  using directory = openTemporaryDirectory();
  startWords(directory.path, "[log]\nlevel = 'warn'\n");
  const file = join(directory.path, "config.toml");
  using check = startNetwatchd(["check-config", "--config", file]);
  expect([await check.exit(), check.output(), check.log()]).toEqual([0, `${file} is good\n`, ""]);
  using missing = startNetwatchd(["check-config", "--config", `${file}x`]);
  expect(await missing.exit()).toBe(2);
});

test("netwatchd exits with 2 on bad usage, and with 0 when it was asked for help", async () => {
  for (const words of [["start", "--foo"], ["begin"], [], ["start", "--log", "loud"]]) {
    using daemon = startNetwatchd(words);
    expect([words, await daemon.exit()]).toEqual([words, 2]);
    expect(daemon.log()).toMatch(/^(netwatchd|Usage): /);
  }
  for (const word of ["--help", "--version"]) {
    using daemon = startNetwatchd([word]);
    expect(await daemon.exit()).toBe(0);
    expect(daemon.output()).not.toBe("");
  }
});

describe.skipIf(process.platform !== "linux")("without any capability", () => {
  // Root without capabilities obeys file modes (capabilities(7), CAP_DAC_OVERRIDE).
  const launcher = process.getuid?.() === 0 ? ["setpriv", "--bounding-set=-all", "--"] : [];

  test("netwatchd start exits with 4 where it may not listen", async () => {
    using directory = openTemporaryDirectory();
    const words = startWords(directory.path);
    const closed = join(directory.path, "closed");
    mkdirSync(closed);
    chmodSync(closed, 0o555);
    for (const socket of [join(closed, "s"), join(closed, "deeper", "s")]) {
      using daemon = startNetwatchd([...words, "--socket", socket], launcher);
      expect(await daemon.exit()).toBe(4);
      expect(daemon.log()).toContain(`permission denied in ${closed}`);
      expect(daemon.log()).toContain("--socket");
    }
  });

  test("netwatchd start exits with 4 when it may not give its socket to the group", async () => {
    using directory = openTemporaryDirectory();
    const words = startWords(directory.path, '[admin]\nread = "group"\ngroup = "daemon"\n');
    using daemon = startNetwatchd(words, launcher);
    expect(await daemon.exit()).toBe(4);
    expect(daemon.log()).toContain("to the group 1");
    expect(existsSync(join(directory.path, "s"))).toBe(false);
  });

  test("netwatchd start watches the kernel all the same", async () => {
    using directory = openTemporaryDirectory();
    const words = startWords(directory.path).filter(
      (word) => !["--platform", "memory"].includes(word),
    );
    using daemon = startNetwatchd(words, launcher);
    await untilStarted(daemon);
    const { json } = await ask(join(directory.path, "s"), "/v1/status");
    const status = statusSchema.parse(json);
    expect(status.interfaces.map(({ name }) => name)).toContain("lo");
    expect(status.source).toMatchObject({ kind: "netlink", alive: true });
  });

  test("netwatchd start says that it may not or cannot enter a namespace", async () => {
    using directory = openTemporaryDirectory();
    const words = startWords(directory.path).filter(
      (word) => !["--platform", "memory"].includes(word),
    );
    using forbidden = startNetwatchd([...words, "--netns", "/proc/self/ns/net"], launcher);
    expect(await forbidden.exit()).toBe(4);
    expect(forbidden.log()).toContain("cannot enter the network namespace /proc/self/ns/net");
    expect(forbidden.log()).toContain("root");
    using missing = startNetwatchd([...words, "--netns", "no-such"]);
    expect(await missing.exit()).toBe(1);
    expect(missing.log()).toContain("cannot enter the network namespace no-such");
  });
});
