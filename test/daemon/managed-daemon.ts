import { join } from "node:path";
import { type Status, statusSchema } from "../../src/admin-api/status-schema.ts";
import { type Config, defaultConfig } from "../../src/daemon/config.ts";
import { runDaemon } from "../../src/daemon/daemon.ts";
import { openReadableLogger } from "../../src/daemon/logger.ts";
import type { Mode } from "../../src/daemon/mode.ts";
import type { PeerCredentials } from "../../src/daemon/read-access.ts";
import type { Management } from "../../src/management/management.ts";
import { until } from "../namespace/namespace.ts";
import { type MemoryHost, places, tag } from "../routes/memory-host.ts";
import { type Answer, type Asking, ask, openTemporaryDirectory } from "./admin-client.ts";

/** A whole daemon in this process that looks after the routes of a host made of arrays. */
export interface ManagedDaemon extends AsyncDisposable {
  /** Every line of its log, without the time. */
  readonly lines: readonly string[];
  ask(path: string, asking?: Asking): Promise<Answer>;
  status(): Promise<Status>;
  /** Who asks, by the kernel's word; root at first. */
  peer: PeerCredentials;
}

export interface ManagedDaemonOptions {
  readonly mode?: Mode;
  readonly routes?: Partial<Config["routes"]>;
  readonly management?: Partial<Management>;
}

/** What changing the routes of such a host takes. */
function memoryManagement(host: MemoryHost): Management {
  let plans = 0;
  return {
    control: host.control,
    directory: host.directory,
    places,
    tag,
    lock: async () => ({ kind: "acquired", [Symbol.asyncDispose]: async () => undefined }),
    moment: host.moment,
    newPlanName: () => {
      plans += 1;
      return `daemon-${plans}`;
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** @throws what the daemon throws when it cannot start */
export async function openManagedDaemon(
  host: MemoryHost,
  { mode = { mode: "manage", reason: "as root" }, routes, management }: ManagedDaemonOptions = {},
): Promise<ManagedDaemon> {
  const directory = openTemporaryDirectory();
  const socket = join(directory.path, "s");
  const stop = new AbortController();
  const lines: string[] = [];
  const config: Config = { ...defaultConfig, routes: { ...defaultConfig.routes, ...routes } };
  const daemon: Omit<ManagedDaemon, keyof AsyncDisposable> = {
    lines,
    peer: { pid: 1, uid: 0, gid: 0 },
    ask: (path, asking) => ask(socket, path, asking),
    status: async () => statusSchema.parse((await ask(socket, "/v1/status")).json),
  };
  const running = runDaemon(
    host.platform,
    {
      config,
      configFile: null,
      readConfig: async () => config,
      onReload: () => () => undefined,
      socket: { path: socket, platform: process.platform, uid: 990, ownDirectory: false },
      mode,
      openManagement: async () => ({ ...memoryManagement(host), ...management }),
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
  try {
    await Promise.race([running, until("the daemon", () => lines.join().includes("ask with"))]);
  } catch (error) {
    directory[Symbol.dispose]();
    throw error;
  }
  return Object.assign(daemon, {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
      directory[Symbol.dispose]();
    },
  });
}
