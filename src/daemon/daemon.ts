import { once } from "node:events";
import { netwatchVersion } from "../admin-api/version.ts";
import type { Management } from "../management/management.ts";
import { startMonitor } from "../monitor/monitor.ts";
import type { Platform } from "../platform/platform.ts";
import { adminRoutes } from "./admin-routes.ts";
import { serveAdmin } from "./admin-server.ts";
import { announceStart } from "./announcement.ts";
import type { Config } from "./config.ts";
import { configReloader } from "./config-reload.ts";
import { openEventLog } from "./event-log.ts";
import { healthReporter, logEvents } from "./event-report.ts";
import { viewLease } from "./lease-view.ts";
import type { Logger } from "./logger.ts";
import { manageRoutes } from "./managed-routes.ts";
import { openMetrics } from "./metrics/metrics.ts";
import type { Mode } from "./mode.ts";
import {
  accessPolicy,
  checkMayChange,
  checkMayRead,
  type ReadPeer,
  socketAccess,
} from "./read-access.ts";
import type { Notifier } from "./service/notifier.ts";
import { reportToService } from "./service/service-report.ts";
import type { SocketPlace } from "./socket-file.ts";
import { viewStatus } from "./status-view.ts";

export interface DaemonOptions {
  readonly config: Config;
  /** The file that `config` came from, or null when there was none. */
  readonly configFile: string | null;
  /** @throws DaemonError when the file is bad */
  readonly readConfig: () => Promise<Config>;
  /** Calls back when the configuration shall be read again; returns a function that ends it. */
  readonly onReload: (listener: () => void) => () => void;
  readonly socket: Omit<SocketPlace, "mode" | "gid">;
  readonly mode: Mode;
  /** Called in mode `manage` only. */
  readonly openManagement: () => Promise<Management>;
  readonly readPeer: ReadPeer;
  /** Null or absent when no service manager wants to be told. */
  readonly notifier?: Notifier | null;
  /** The command that asks this daemon, as it can be typed. */
  readonly nextCommand: string;
  readonly log: Logger;
}

/** Enough for a storm of some minutes; a subscriber that was away longer is told that it missed some. */
const eventCapacity = 4_096;

/**
 * The whole daemon: watches the platform and answers on the admin socket until the signal aborts, then undoes
 * everything, newest first.
 *
 * @throws DaemonError when the socket cannot be had; PlatformError
 */
export async function runDaemon(
  platform: Platform,
  options: DaemonOptions,
  signal: AbortSignal,
): Promise<void> {
  const { config, log, socket } = options;
  const startedAt = new Date().toISOString();
  await using monitor = await startMonitor(
    platform,
    { ...config.monitor, ...config.interfaces },
    signal,
  );
  const events = openEventLog(eventCapacity);
  monitor.onEvents((news) => logEvents(log, events.append(news)));
  await using routes = await manageRoutes({
    ...options,
    platform,
    monitor,
    config: config.routes,
    tell: (news) => logEvents(log, events.append(news)),
  });
  const { mode } = routes;
  const reasons = () => [...routes.reasons(), ...monitor.health().reasons];
  const status = () =>
    viewStatus({
      daemon: { version: netwatchVersion, pid: process.pid, startedAt, mode: mode.mode },
      state: monitor.state,
      source: platform.counters(),
      monitor: { ...monitor.counters(), events: events.lastId },
      health: { ...monitor.health(), reasons: reasons() },
      routes: routes.view(),
      leases: (routes.leases?.list() ?? []).map(viewLease),
    });
  const reportHealth = healthReporter(log, reasons);
  monitor.onHealth(reportHealth);
  const { journal } = routes;
  await using metrics = openMetrics({ log, status, monitor, platform, events, journal });
  using service = reportToService({ ...options, monitor, reasons });

  let access = await accessPolicy(config.admin, socket.uid, log);
  await using server = await serveAdmin({
    place: { ...socket, ...socketAccess(access) },
    routes: adminRoutes({
      status,
      events,
      mode,
      commands: routes.commands,
      leases: routes.leases,
      readPeer: options.readPeer,
      metrics: metrics.text,
    }),
    checkAccess: (peer) => checkMayRead(access, () => options.readPeer(peer)),
    checkMayChange: (peer) => checkMayChange(access, () => options.readPeer(peer)),
    log,
  });

  const reload = configReloader({
    ...options,
    apply: async (next) => {
      const nextAccess = await accessPolicy(next.admin, socket.uid, log);
      server.setAccess(socketAccess(nextAccess));
      access = nextAccess;
      routes.setConfig(next.routes);
      monitor.setInterfacePolicy(next.interfaces.churn, next.interfaces.kinds);
      await metrics.setConfig(next);
      log.setLevel(next.log.level);
    },
  });
  const endReload = options.onReload(() => void service.reloading(reload));

  announceStart(log, { ...options, mode, status: status(), socket: socket.path });
  reportHealth();
  await metrics.setConfig(config);
  service.ready();
  if (!signal.aborted) await once(signal, "abort");
  endReload();
  service.stopping();
  log.info("stopping");
}
