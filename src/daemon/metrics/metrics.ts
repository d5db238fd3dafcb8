import type { Status } from "../../admin-api/status-schema.ts";
import { interfacePolicy } from "../../monitor/interface-policy.ts";
import type { Monitor } from "../../monitor/monitor.ts";
import { interfaceSeverity, uplinksOf } from "../../monitor/severity.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Config } from "../config.ts";
import type { EventLog } from "../event-log.ts";
import type { Logger } from "../logger.ts";
import {
  eventMetrics,
  healthMetrics,
  journalMetrics,
  readMetrics,
  sourceMetrics,
} from "./daemon-metrics.ts";
import { renderMetrics } from "./exposition.ts";
import type { JournalFacts } from "./journal-facts.ts";
import { openMetricsServer } from "./metrics-server.ts";
import { defaultMetrics, interfaceMetrics } from "./network-metrics.ts";
import { processMetrics, readProcessFacts } from "./process-metrics.ts";

/** Where the numbers are. */
export interface MetricsOptions {
  readonly status: () => Status;
  readonly monitor: Pick<Monitor, "state" | "counters">;
  readonly platform: Pick<Platform, "counters">;
  readonly events: Pick<EventLog, "counts">;
  /** Null while nothing may be changed. */
  readonly journal: () => JournalFacts | null;
  readonly log: Logger;
}

/** What the configuration says of metrics. */
type MetricsConfig = Pick<Config, "metrics" | "interfaces" | "admin">;

/** The daemon in numbers. Disposing of it stops serving them over TCP. */
export interface Metrics extends AsyncDisposable {
  /** Prometheus's text format. */
  text(): string;
  /** Serves metrics over TCP where the configuration says so; what keeps it from that is only said. */
  setConfig(config: MetricsConfig): Promise<void>;
}

/** Serves nothing over TCP until the configuration is set. */
export function openMetrics(options: MetricsOptions): Metrics {
  let policy = interfacePolicy([], {});
  const text = (): string => renderMetrics(collect(options, policy.isChurn));
  const server = openMetricsServer(text, options.log);
  const setConfig = (next: MetricsConfig): Promise<void> => {
    policy = interfacePolicy(next.interfaces.churn, next.interfaces.kinds);
    const { listen } = next.metrics;
    if (listen !== "" && next.admin.read !== "all")
      options.log.warn(
        "every local user may read the metrics at [metrics] listen, whatever [admin] read says",
      );
    return server.listen(listen);
  };
  return { text, setConfig, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function collect(
  { status: readStatus, monitor, platform, events, journal }: MetricsOptions,
  isChurn: (name: string) => boolean,
): ReturnType<typeof healthMetrics> {
  const status = readStatus();
  const facts = readProcessFacts();
  return [
    ...healthMetrics(status, facts.nodeVersion),
    ...interfaceMetrics(lastingInterfaces(monitor.state, status, isChurn)),
    ...defaultMetrics(status),
    ...sourceMetrics(status, platform.counters().dropped),
    ...readMetrics(status, monitor.counters()),
    ...eventMetrics(events.counts()),
    ...journalMetrics(journal()),
    ...processMetrics(facts),
  ];
}

/** Containers come and go under ever new names: they get no series, or a database would keep them all. */
function lastingInterfaces(
  state: Monitor["state"],
  { interfaces }: Status,
  isChurn: (name: string) => boolean,
): Status["interfaces"] {
  const uplinks = uplinksOf(state);
  return interfaces.filter(({ index }) => {
    const subject = state.interfaces.get(index);
    return subject !== undefined && interfaceSeverity(subject, uplinks, isChurn) !== "churn";
  });
}
