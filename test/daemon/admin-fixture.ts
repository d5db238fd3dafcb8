import { join } from "node:path";
import type { Status } from "../../src/admin-api/status-schema.ts";
import { adminRoutes } from "../../src/daemon/admin-routes.ts";
import { type AdminServerOptions, serveAdmin } from "../../src/daemon/admin-server.ts";
import { type EventLog, openEventLog } from "../../src/daemon/event-log.ts";
import type { Logger } from "../../src/daemon/logger.ts";
import type { Mode } from "../../src/daemon/mode.ts";
import { viewStatus } from "../../src/daemon/status-view.ts";
import type { MonitorEvent, Severity } from "../../src/monitor/event.ts";
import type { HostState, TrackedInterface } from "../../src/monitor/host-state.ts";
import type { DefaultRoute } from "../../src/network/route.ts";
import { openTemporaryDirectory } from "./admin-client.ts";

export const route: DefaultRoute = {
  family: "ipv4",
  prefix: "0.0.0.0/0",
  type: "unicast",
  gateway: "10.0.0.1",
  interfaceIndex: 2,
  metric: 100,
  tos: 0,
  table: 254,
  position: 0,
  protocol: "dhcp",
  source: "10.0.0.2",
  onlink: false,
  mtu: null,
  pref: null,
  expiresAt: null,
  linkdown: false,
  nexthopId: null,
  nexthops: [],
};

export const eth0: TrackedInterface = {
  index: 2,
  name: "eth0",
  kind: "physical",
  mac: "02:00:00:00:00:01",
  mtu: 1500,
  up: true,
  carrier: true,
  operState: "up",
  generation: 1,
  addresses: [
    {
      family: "ipv4",
      address: "10.0.0.2",
      prefixLength: 24,
      scope: "global",
      flags: ["permanent"],
      peer: null,
      validUntil: 1_800_000_000_000,
      preferredUntil: null,
    },
  ],
};

export const hostState: HostState = {
  interfaces: new Map([
    [7, { ...eth0, index: 7, name: "wlan0", kind: "wireless", addresses: [] }],
    [2, eth0],
  ]),
  defaults: {
    ipv4: {
      effective: { route, via: "default" },
      candidates: [
        { route, lostBecause: null },
        {
          route: { ...route, metric: 600, interfaceIndex: 9, expiresAt: 1_800_000_000_000 },
          lostBecause: "higher-metric",
        },
      ],
    },
    ipv6: { effective: null, candidates: [] },
  },
};

/** A status made by hand. */
export function fixtureStatus(): Status {
  return viewStatus({
    daemon: {
      version: "0.1.0",
      pid: 1,
      startedAt: "2026-01-31T12:00:00.000Z",
      mode: "observe",
    },
    state: hostState,
    source: {
      kind: "memory",
      open: true,
      lastMessageAt: 1_800_000_000_000,
      receiveBufferBytes: null,
      messages: 1,
      filtered: 2,
      foreign: 3,
      overflows: 4,
      undecodable: 5,
      dropped: 6,
    },
    monitor: { hints: 6, rereads: 7, reconciles: 8, drift: 9, events: 10, reopened: 11 },
    health: { sourceAlive: true, reasons: [] },
    routes: { scoped: [], displaced: [], ownProtocol: "199" },
    leases: [],
  });
}

/** The mode of a daemon that only watches. */
export const observing: Mode = { mode: "observe", reason: "because this is a test" };

/** An event of a severity; `padding` makes it longer. */
export function change(severity: Severity, padding = ""): MonitorEvent {
  return {
    kind: "interface-changed",
    severity,
    cause: "message",
    interface: `eth0${padding}`,
    index: 2,
    generation: 1,
    changes: [{ field: "carrier", before: true, after: false }],
  };
}

export const silentLog: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
};

/** A real admin server on a socket of the test's own, over a status and an event log that the test holds. */
export interface AdminFixture extends AsyncDisposable {
  readonly socket: string;
  readonly events: EventLog;
  /** Stops the server, as the daemon does. */
  stop(): Promise<void>;
}

export async function openAdmin(
  options: Partial<AdminServerOptions> & { readonly capacity?: number } = {},
): Promise<AdminFixture> {
  const directory = openTemporaryDirectory();
  const socket = join(directory.path, "s");
  const events = openEventLog(options.capacity ?? 64);
  const server = await serveAdmin({
    place: {
      path: socket,
      platform: process.platform,
      uid: process.getuid?.() ?? 0,
      ownDirectory: false,
      mode: 0o666,
      gid: null,
    },
    routes: adminRoutes({
      status: fixtureStatus,
      events,
      mode: observing,
      commands: null,
      leases: null,
      readPeer: () => null,
      metrics: () => "",
    }),
    checkAccess: () => undefined,
    checkMayChange: () => undefined,
    log: silentLog,
    ...options,
  });
  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopped ??= Promise.resolve(server[Symbol.asyncDispose]());
    return stopped;
  };
  return {
    socket,
    events,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
      directory[Symbol.dispose]();
    },
  };
}
