import { readdirSync, readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import type { Metric } from "./exposition.ts";

/** This process in numbers. Null is what the system does not tell. */
export interface ProcessFacts {
  readonly nodeVersion: string;
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly virtualBytes: number | null;
  readonly heapBytes: number;
  readonly openFds: number | null;
  readonly maxFds: number | null;
  /** Seconds since the epoch. */
  readonly startedAt: number;
  /** Time that the event loop was not waiting. */
  readonly busySeconds: number;
}

/** Asks Node, and Linux's /proc. */
export function readProcessFacts(): ProcessFacts {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  const limits = textOf("/proc/self/limits");
  const status = textOf("/proc/self/status");
  const virtualKilobytes = numberIn(status, /^VmSize:\s+(\d+) kB$/m);
  return {
    nodeVersion: process.version,
    cpuSeconds: (user + system) / 1e6,
    residentBytes: rss,
    virtualBytes: virtualKilobytes === null ? null : virtualKilobytes * 1024,
    heapBytes: heapUsed,
    openFds: countOf("/proc/self/fd"),
    maxFds: numberIn(limits, /^Max open files\s+(\d+)/m),
    startedAt: performance.timeOrigin / 1000,
    busySeconds: performance.eventLoopUtilization().active / 1000,
  };
}

/** The process under the names that every Prometheus client library gives. */
export function processMetrics(facts: ProcessFacts): readonly Metric[] {
  const gauge = (name: string, help: string, value: number | null): Metric => ({
    name,
    help,
    type: "gauge",
    samples: value === null ? [] : [{ value }],
  });
  return [
    {
      name: "process_cpu_seconds_total",
      help: "Time that the process had a processor",
      type: "counter",
      samples: [{ value: facts.cpuSeconds }],
    },
    gauge("process_resident_memory_bytes", "Memory that the process occupies", facts.residentBytes),
    gauge("process_virtual_memory_bytes", "Addresses that the process uses", facts.virtualBytes),
    gauge("process_open_fds", "Open file descriptors", facts.openFds),
    gauge("process_max_fds", "File descriptors that may be open", facts.maxFds),
    gauge("process_start_time_seconds", "When the process started", facts.startedAt),
    gauge("nodejs_heap_size_used_bytes", "Memory that objects occupy", facts.heapBytes),
    {
      name: "netwatch_event_loop_busy_seconds_total",
      help: "Time that the event loop was at work",
      type: "counter",
      samples: [{ value: facts.busySeconds }],
    },
  ];
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function countOf(directory: string): number | null {
  try {
    // One of them is the reading itself.
    return readdirSync(directory).length - 1;
  } catch {
    return null;
  }
}

function numberIn(text: string, pattern: RegExp): number | null {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? null : Number(found);
}
