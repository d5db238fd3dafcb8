import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { defaultConfig } from "../../../src/daemon/config.ts";
import { openEventLog } from "../../../src/daemon/event-log.ts";
import { type MetricsOptions, openMetrics } from "../../../src/daemon/metrics/metrics.ts";
import { viewStatus } from "../../../src/daemon/status-view.ts";
import { createHistogram } from "../../../src/monitor/histogram.ts";
import type { HostState } from "../../../src/monitor/host-state.ts";
import { hasProgram } from "../../installed-program.ts";
import { change, eth0, fixtureStatus, hostState, silentLog } from "../admin-fixture.ts";

interface Changes extends Partial<MetricsOptions> {
  readonly state?: HostState;
  readonly churn?: readonly string[];
}

async function textOf({ state = hostState, churn, ...changes }: Changes = {}): Promise<string> {
  const latency = createHistogram([1, 100]);
  latency.observe(0.5);
  latency.observe(250);
  const config = {
    ...defaultConfig,
    interfaces: { ...defaultConfig.interfaces, ...(churn === undefined ? {} : { churn }) },
  };
  await using metrics = openMetrics({
    status: () => ({ ...fixtureStatus(), ...viewInterfaces(state) }),
    monitor: {
      state,
      counters: () => ({
        hints: 6,
        rereads: 7,
        rereadMs: 1_500,
        reconciles: 8,
        reconcileMs: 500,
        drift: 9,
        events: 10,
        reopened: 11,
        wakes: 0,
        latencyMs: latency.spread(),
      }),
    },
    platform: { counters: () => ({ ...sourceCounters, dropped: 12 }) },
    events: openEventLog(8),
    journal: () => ({ bytes: 2_048, records: 3, oversized: false }),
    log: silentLog,
    ...changes,
  });
  await metrics.setConfig(config);
  return metrics.text();
}

const sourceCounters = {
  kind: "netlink",
  open: true,
  lastMessageAt: null,
  receiveBufferBytes: null,
  messages: 0,
  filtered: 0,
  foreign: 0,
  overflows: 0,
  undecodable: 0,
} as const;

function viewInterfaces(state: HostState): Pick<ReturnType<typeof fixtureStatus>, "interfaces"> {
  const { daemon } = fixtureStatus();
  const { interfaces } = viewStatus({
    daemon,
    state,
    source: { ...sourceCounters, dropped: null },
    monitor: { hints: 0, rereads: 0, reconciles: 0, drift: 0, events: 0, reopened: 0 },
    health: { sourceAlive: true, reasons: [] },
    routes: { scoped: [], displaced: [], ownProtocol: "199" },
    leases: [],
  });
  return { interfaces };
}

/** The series of a metric, without their help. */
function seriesOf(text: string, name: string): string[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
}

test("text() tells interfaces, defaults, source, reads and journal", async () => {
  const lines = (await textOf()).split("\n");
  expect(lines).toEqual(
    expect.arrayContaining([
      'netwatch_interface_up{interface="eth0"} 1',
      'netwatch_interface_carrier{interface="eth0"} 1',
      'netwatch_interface_info{interface="wlan0",kind="wireless"} 1',
      'netwatch_default_route{family="ipv4"} 1',
      'netwatch_default_route{family="ipv6"} 0',
      'netwatch_default_route_info{family="ipv4",interface="eth0",gateway="10.0.0.1",via="default",protocol="dhcp"} 1',
      'netwatch_default_route_candidates{family="ipv4"} 2',
      'netwatch_scoped_defaults{state="installed"} 0',
      "netwatch_source_overflows_total 4",
      "netwatch_source_dropped_messages_total 12",
      "netwatch_drift_total 9",
      "netwatch_read_seconds_total 1.5",
      "netwatch_reconcile_seconds_total 0.5",
      'netwatch_event_latency_seconds_bucket{le="0.001"} 1',
      'netwatch_event_latency_seconds_bucket{le="+Inf"} 2',
      "netwatch_journal_bytes 2048",
      "netwatch_leases 0",
      "netwatch_fights_total 0",
    ]),
  );
});

test("text() counts events by kind, those included that are not kept any more", async () => {
  const events = openEventLog(2);
  events.append([change("effective"), change("effective"), change("effective")]);
  events.append([change("churn")]);
  expect(seriesOf(await textOf({ events }), "netwatch_events_total")).toEqual([
    'netwatch_events_total{kind="interface-changed",severity="effective"} 3',
    'netwatch_events_total{kind="interface-changed",severity="churn"} 1',
  ]);
});

test("text() gives no series to what comes and goes, unless the host leaves by it", async () => {
  const names = (text: string): string[] => seriesOf(text, "netwatch_interface_up");
  const others = [
    { ...eth0, index: 20, name: "veth1a2b" },
    { ...eth0, index: 21, name: "lxc0", kind: "container" as const },
    { ...eth0, index: 22, name: "wg0", kind: "tunnel" as const },
  ];
  const interfaces = new Map(
    [...hostState.interfaces.values(), ...others].map((one) => [one.index, one]),
  );
  const state = { ...hostState, interfaces };
  expect(names(await textOf({ state }))).toEqual([
    'netwatch_interface_up{interface="eth0"} 1',
    'netwatch_interface_up{interface="wlan0"} 1',
    'netwatch_interface_up{interface="wg0"} 1',
  ]);
  // eth0 is what the default leaves by.
  expect(names(await textOf({ state, churn: ["*"] }))).toEqual([
    'netwatch_interface_up{interface="eth0"} 1',
  ]);
});

test("text() forgets an interface that is gone", async () => {
  const interfaces = new Map([[2, eth0]]);
  expect(await textOf({ state: { ...hostState, interfaces } })).not.toContain("wlan0");
});

test("text() leaves out what is not known", async () => {
  const text = await textOf({ journal: () => null });
  expect(text).not.toContain("netwatch_journal");
  expect(text).not.toMatch(/null|undefined|NaN/);
});

describe.skipIf(!hasProgram("promtool"))("by Prometheus's own word", () => {
  test("text() keeps every convention", async () => {
    const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], {
      input: await textOf(),
      encoding: "utf8",
    });
    expect([stdout, stderr, status]).toEqual(["", "", 0]);
  });
});
