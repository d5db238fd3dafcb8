import { join } from "node:path";
import { expect, test } from "vitest";
import { eventSchema } from "../../src/admin-api/event-schema.ts";
import { statusSchema } from "../../src/admin-api/status-schema.ts";
import { type Config, defaultConfig } from "../../src/daemon/config.ts";
import { runDaemon } from "../../src/daemon/daemon.ts";
import { openReadableLogger } from "../../src/daemon/logger.ts";
import type { PeerCredentials } from "../../src/daemon/read-access.ts";
import {
  type MemoryPlatform,
  openMemoryPlatform,
} from "../../src/platform/memory/memory-platform.ts";
import { PlatformError } from "../../src/platform/platform-error.ts";
import { until } from "../namespace/namespace.ts";
import { ask, openLines, openTemporaryDirectory } from "./admin-client.ts";
import { eth0, route } from "./admin-fixture.ts";

/** A whole daemon in this process, over a kernel that the test plays. */
interface TestDaemon extends AsyncDisposable {
  readonly socket: string;
  readonly platform: MemoryPlatform;
  readonly lines: readonly string[];
  /** Another configuration, as after SIGHUP. */
  reload(config: Config): void;
  peer: PeerCredentials;
}

async function openDaemon(platform: MemoryPlatform, config = defaultConfig): Promise<TestDaemon> {
  const directory = openTemporaryDirectory();
  const socket = join(directory.path, "s");
  const stop = new AbortController();
  const lines: string[] = [];
  let next = config;
  let hangUp: (() => void) | null = null;
  const daemon = {
    socket,
    platform,
    lines,
    peer: { pid: 1, uid: 1_000, gid: 1_000 },
    reload: (changed: Config) => {
      next = changed;
      hangUp?.();
    },
  };
  const running = runDaemon(
    platform,
    {
      config,
      configFile: null,
      readConfig: async () => next,
      onReload: (listener) => {
        hangUp = listener;
        return () => {
          hangUp = null;
        };
      },
      socket: { path: socket, platform: process.platform, uid: 990, ownDirectory: false },
      mode: { mode: "observe", reason: "because this is a test" },
      openManagement: () => Promise.reject(new Error("nothing is managed")),
      readPeer: () => daemon.peer,
      nextCommand: "netwatch status",
      log: openReadableLogger(
        "info",
        { write: (line) => lines.push(line.slice(9, -1)) },
        () => new Date(),
      ),
    },
    stop.signal,
  );
  await Promise.race([running, until("the daemon", () => lines.join().includes("ask with"))]);
  return Object.assign(daemon, {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
      await platform[Symbol.asyncDispose]();
      directory[Symbol.dispose]();
    },
  });
}

test("runDaemon() tells what was there, and then each change to log and subscribers", async () => {
  const platform = openMemoryPlatform();
  platform.controls.setInterface(eth0);
  platform.controls.setDefaults("ipv4", [route]);
  await using daemon = await openDaemon(platform);
  expect(daemon.lines).toContain("ipv4 default via 10.0.0.1 dev eth0, metric 100, DHCP");
  const { defaults } = statusSchema.parse((await ask(daemon.socket, "/v1/status")).json);
  expect(defaults.ipv4.effective?.gateway).toBe("10.0.0.1");

  using stream = await openLines(daemon.socket, "/v1/events?follow=true");
  platform.controls.setDefaults("ipv4", [{ ...route, gateway: "10.0.0.9" }]);
  await until("an event", () => stream.lines.length > 0);
  const event = eventSchema.parse(JSON.parse(stream.lines[0] ?? ""));
  expect(event).toMatchObject({ id: 1, kind: "default-changed", severity: "effective" });
  expect(daemon.lines.at(-1)).toBe("ipv4 default: 10.0.0.1 dev eth0 → 10.0.0.9 dev eth0 event=1");
  const after = statusSchema.parse((await ask(daemon.socket, "/v1/status")).json);
  expect(after.defaults.ipv4.effective?.gateway).toBe("10.0.0.9");
  expect(after.counters.events).toBe(1);
});

test("runDaemon() says that it hears nothing, and watches all the same", async () => {
  const platform = openMemoryPlatform();
  platform.controls.setInterface(eth0);
  platform.controls.refuseSources(new PlatformError("permission", "open the event socket"));
  await using daemon = await openDaemon(platform);
  const {
    daemon: said,
    source,
    interfaces,
  } = statusSchema.parse((await ask(daemon.socket, "/v1/status")).json);
  expect(said.health).toBe("degraded");
  expect(said.reasons.join()).toContain("cannot open the event socket");
  expect(daemon.lines.filter((line) => line.startsWith("warn:")).join()).toContain(
    "cannot open the event socket",
  );
  expect(source.alive).toBe(false);
  expect(interfaces.map(({ name }) => name)).toEqual(["eth0"]);
});

test("runDaemon() lets in whom the configuration says, also after it changed", async () => {
  await using daemon = await openDaemon(openMemoryPlatform());
  const status = async () => (await ask(daemon.socket, "/v1/status")).status;
  expect(await status()).toBe(200);
  daemon.reload({ ...defaultConfig, admin: { read: "root", group: "netwatch" } });
  await until("the reload", () => daemon.lines.join().includes("new: admin.read"));
  expect(await status()).toBe(403);
  daemon.peer = { pid: 1, uid: 990, gid: 1_000 };
  expect(await status()).toBe(200);
});

test("runDaemon() takes interfaces for churn as the configuration says, also after it changed", async () => {
  const platform = openMemoryPlatform();
  platform.controls.setInterface(eth0);
  await using daemon = await openDaemon(platform);
  daemon.reload({ ...defaultConfig, interfaces: { churn: [], kinds: { "eth*": "tunnel" } } });
  const kind = async () => {
    const { json } = await ask(daemon.socket, "/v1/status");
    return statusSchema.parse(json).interfaces[0]?.kind;
  };
  await until("the new kind", async () => (await kind()) === "tunnel");
});

test("runDaemon() undoes everything when it is stopped", async () => {
  const platform = openMemoryPlatform();
  const daemon = await openDaemon(platform);
  await daemon[Symbol.asyncDispose]();
  expect(daemon.lines.at(-1)).toBe("stopping");
  await expect(ask(daemon.socket, "/v1/status")).rejects.toMatchObject({ code: "ENOENT" });
});
