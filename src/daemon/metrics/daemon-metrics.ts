import type { Status } from "../../admin-api/status-schema.ts";
import type { MonitorCounters } from "../../monitor/monitor.ts";
import type { EventCount } from "../event-log.ts";
import type { Metric, Sample } from "./exposition.ts";
import type { JournalFacts } from "./journal-facts.ts";

function one(type: "counter" | "gauge", name: string, help: string, value: number | null): Metric {
  return { name, help, type, samples: value === null ? [] : [{ value }] };
}

/** The daemon itself. */
export function healthMetrics({ daemon, leases }: Status, nodeVersion: string): readonly Metric[] {
  return [
    {
      name: "netwatch_build_info",
      help: "The daemon's version and that of its Node; the value is always 1",
      type: "gauge",
      samples: [{ labels: { version: daemon.version, node_version: nodeVersion }, value: 1 }],
    },
    one(
      "gauge",
      "netwatch_healthy",
      "Whether nothing is wrong; netwatch status says what is",
      Number(daemon.health === "ok"),
    ),
    one(
      "gauge",
      "netwatch_managing_routes",
      "Whether routes are looked after, and not only watched",
      Number(daemon.mode === "manage"),
    ),
    one("gauge", "netwatch_leases", "Leases that clients hold", leases.length),
  ];
}

/** The source of kernel messages. */
export function sourceMetrics(
  { source, counters }: Pick<Status, "source" | "counters">,
  dropped: number | null,
): readonly Metric[] {
  const { lastMessageAt } = source;
  return [
    one(
      "gauge",
      "netwatch_source_alive",
      "Whether kernel messages are heard",
      Number(source.alive),
    ),
    one(
      "gauge",
      "netwatch_source_last_message_timestamp_seconds",
      "When the last kernel message came",
      lastMessageAt === null ? null : Date.parse(lastMessageAt) / 1000,
    ),
    one(
      "gauge",
      "netwatch_source_receive_buffer_bytes",
      "Room for kernel messages that the kernel granted",
      source.receiveBufferBytes,
    ),
    one(
      "counter",
      "netwatch_source_messages_total",
      "Kernel messages that reached the daemon",
      counters.messages,
    ),
    one(
      "counter",
      "netwatch_source_unconcerning_messages_total",
      "Those of the kernel messages that concerned nothing watched",
      counters.filtered,
    ),
    one(
      "counter",
      "netwatch_source_foreign_messages_total",
      "Messages of another sender than the kernel, ignored",
      source.foreign,
    ),
    one(
      "counter",
      "netwatch_source_undecodable_messages_total",
      "Kernel messages that could not be read",
      source.undecodable,
    ),
    one(
      "counter",
      "netwatch_source_overflows_total",
      "Times that the kernel had no room for its messages",
      source.overflows,
    ),
    one(
      "counter",
      "netwatch_source_dropped_messages_total",
      "Kernel messages that were dropped in overflows",
      dropped,
    ),
    one(
      "counter",
      "netwatch_source_reopened_total",
      "Times that the event socket was opened anew",
      source.reopened,
    ),
  ];
}

/** What the daemon read of the kernel, and what it cost. */
export function readMetrics(
  { counters }: Pick<Status, "counters">,
  {
    rereadMs,
    reconcileMs,
    latencyMs,
  }: Pick<MonitorCounters, "rereadMs" | "reconcileMs" | "latencyMs">,
): readonly Metric[] {
  return [
    one(
      "counter",
      "netwatch_hints_total",
      "Doors that kernel messages rang: an interface, the defaults of a family",
      counters.hints,
    ),
    one(
      "counter",
      "netwatch_reads_total",
      "Reads of the kernel's state, whole or in part",
      counters.rereads,
    ),
    one("counter", "netwatch_read_seconds_total", "Time that reads took", rereadMs / 1000),
    one(
      "counter",
      "netwatch_reconciles_total",
      "Those of the reads that a schedule asked for",
      counters.reconciles,
    ),
    one(
      "counter",
      "netwatch_reconcile_seconds_total",
      "Time that the reads took that a schedule asked for",
      reconcileMs / 1000,
    ),
    one(
      "counter",
      "netwatch_drift_total",
      "Differences that a read found and no kernel message had announced",
      counters.drift,
    ),
    {
      name: "netwatch_event_latency_seconds",
      help: "From the first kernel message of a change to its event, waiting for quiet included",
      type: "histogram",
      spread: {
        ...latencyMs,
        bounds: latencyMs.bounds.map((ms) => ms / 1000),
        sum: latencyMs.sum / 1000,
      },
    },
  ];
}

/** Counters that a rate can be taken of from the start: an event that has not happened yet has happened 0 times. */
const countedKinds = {
  "scoped-repaired": {
    name: "netwatch_scoped_repairs_total",
    help: "Scoped default routes of which a part was missing and was put back",
  },
  fight: {
    name: "netwatch_fights_total",
    help: "Times that netwatch gave up repairing what another program takes away",
  },
  "default-lost": {
    name: "netwatch_defaults_lost_total",
    help: "Default routes that went and should be there",
  },
  "default-restored": {
    name: "netwatch_defaults_restored_total",
    help: "Default routes that were lost and are back, by whomever",
  },
  wake: { name: "netwatch_wakes_total", help: "Times that the host woke from sleep" },
} as const;

/** Events by kind, and the counts that alerts are made of. */
export function eventMetrics(counts: readonly EventCount[]): readonly Metric[] {
  const sumOf = (wanted: string): number =>
    counts.reduce((sum, { kind, count }) => (kind === wanted ? sum + count : sum), 0);
  return [
    {
      name: "netwatch_events_total",
      help: "Events by kind and severity",
      type: "counter",
      samples: counts.map(
        ({ kind, severity, count }): Sample => ({ labels: { kind, severity }, value: count }),
      ),
    },
    ...Object.entries(countedKinds).map(([kind, { name, help }]) =>
      one("counter", name, help, sumOf(kind)),
    ),
  ];
}

/** The journal, where routes are managed. */
export function journalMetrics(facts: JournalFacts | null): readonly Metric[] {
  return [
    one("gauge", "netwatch_journal_bytes", "Size of the journal", facts?.bytes ?? null),
    one("gauge", "netwatch_journal_records", "Records in the journal", facts?.records ?? null),
    one(
      "gauge",
      "netwatch_journal_oversized",
      "Whether the journal is larger than it should be and cannot be rewritten",
      facts === null ? null : Number(facts.oversized),
    ),
  ];
}
