import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { enterNetworkNamespace } from "../../native-bindings/linux/network-namespace.ts";
import type { Status } from "../../src/admin-api/status-schema.ts";
import { defaultConfig } from "../../src/daemon/config.ts";
import { runDaemon } from "../../src/daemon/daemon.ts";
import { openReadableLogger } from "../../src/daemon/logger.ts";
import { openLinuxPlatform } from "../../src/platform/linux/linux-platform.ts";
import type { ChangeHint, ChangeSource, Platform } from "../../src/platform/platform.ts";
import { until } from "../namespace/namespace.ts";
import { netwatch, runCommand } from "./daemon-process.ts";
import {
  answerByIp,
  answerByNetwatch,
  defaultsByIp,
  defaultsByNetwatch,
  interfacesByIp,
  interfacesByNetwatch,
} from "./kernel-view.ts";
import { openTwoUplinks, type TwoUplinks } from "./uplinks.ts";

/** The real kernel behind an event socket on which nothing is ever heard, though it answers probes. */
function deafened(platform: Platform): Platform {
  const changes = (signal: AbortSignal): ChangeSource => {
    const source = platform.changes(signal);
    const silent = async function* (): AsyncGenerator<readonly ChangeHint[]> {
      for await (const _ of source) yield [];
    };
    return {
      probe: (timeoutMs, probeSignal) => source.probe(timeoutMs, probeSignal),
      [Symbol.asyncIterator]: silent,
      [Symbol.dispose]: () => source[Symbol.dispose](),
    };
  };
  return {
    changes,
    read: (scope, signal) => platform.read(scope, signal),
    uptime: () => platform.uptime(),
    counters: () => platform.counters(),
    onEvidence: (listener) => platform.onEvidence(listener),
    onRuleRemoval: (listener) => platform.onRuleRemoval(listener),
    [Symbol.asyncDispose]: () => platform[Symbol.asyncDispose](),
  };
}

describe.skipIf(process.platform !== "linux")("a daemon whose event socket hears nothing", () => {
  const directory = mkdtempSync(join(tmpdir(), "netwatch-deaf-"));
  const socketPath = join(directory, "s");
  const stop = new AbortController();
  let uplinks: TwoUplinks;
  let platform: Platform;
  let running: Promise<void>;

  beforeAll(async () => {
    uplinks = await openTwoUplinks();
    enterNetworkNamespace(uplinks.host.path);
    platform = deafened(openLinuxPlatform());
    const config = { ...defaultConfig, monitor: { ...defaultConfig.monitor, reconcileMs: 400 } };
    const log: string[] = [];
    running = runDaemon(
      platform,
      {
        config,
        configFile: null,
        readConfig: async () => config,
        onReload: () => () => undefined,
        socket: { path: socketPath, platform: process.platform, uid: 0, ownDirectory: false },
        mode: { mode: "observe", reason: "because this is a test" },
        openManagement: () => Promise.reject(new Error("nothing is managed")),
        readPeer: () => ({ pid: process.pid, uid: 0, gid: 0 }),
        nextCommand: "netwatch status",
        log: openReadableLogger("info", { write: (line) => log.push(line) }, () => new Date()),
      },
      stop.signal,
    );
    await Promise.race([running, until("the daemon", () => log.join().includes("ask with"))]);
  });

  afterAll(async () => {
    stop.abort();
    await running;
    await platform[Symbol.asyncDispose]();
    uplinks[Symbol.dispose]();
    rmSync(directory, { recursive: true });
  });

  test.each([
    ["a default comes", "route add default via 10.0.0.1 dev up0 metric 100"],
    ["another stands by", "route add default via 10.1.0.1 dev up1 metric 200"],
    ["the link goes down", "link set up0 down"],
    ["an interface is deleted", "link del up1"],
  ])("%s: reconcile finds it and drift counts it", async (_, words) => {
    const before = await status();
    uplinks.host.ip(words);
    let after = before;
    await until(words, async () => {
      after = await status();
      return equalsIp(after);
    });
    expect(after.counters.drift).toBeGreaterThan(before.counters.drift);
  });

  test("events say drift first, and that a reconcile found what follows", async () => {
    const { stdout } = await runCommand(process.execPath, [
      ...[netwatch, "--socket", socketPath, "events", "--since", "0", "--json"],
    ]);
    const events = stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ kind: "drift", severity: "health", cause: "reconcile" });
    expect(new Set(events.map((event) => event.cause))).toEqual(new Set(["reconcile"]));
    expect(events.some((event) => event.kind === "default-changed")).toBe(true);
  });

  async function status(): Promise<Status> {
    const args = [netwatch, "--socket", socketPath, "status", "--json"];
    const { stdout } = await runCommand(process.execPath, args);
    return JSON.parse(stdout) as Status;
  }

  function equalsIp({ interfaces, defaults }: Status): boolean {
    const { host } = uplinks;
    return (
      isDeepStrictEqual(interfacesByNetwatch(interfaces), interfacesByIp(host)) &&
      isDeepStrictEqual(defaultsByNetwatch(defaults.ipv4), defaultsByIp(host, "ipv4")) &&
      isDeepStrictEqual(defaultsByNetwatch(defaults.ipv6), defaultsByIp(host, "ipv6")) &&
      isDeepStrictEqual(answerByNetwatch(defaults.ipv4), answerByIp(host, "ipv4"))
    );
  }
});
