import { vi } from "vitest";
import type { MonitorEvent } from "../../src/monitor/event.ts";
import { type Monitor, startMonitor } from "../../src/monitor/monitor.ts";
import type { MonitorOptions } from "../../src/monitor/monitor-options.ts";
import {
  type MemoryPlatform,
  openMemoryPlatform,
} from "../../src/platform/memory/memory-platform.ts";
import { memoryAddress, memoryDefault, memoryInterface } from "../platform/memory/memory-host.ts";

/** A monitor over a memory platform, under fake timers, with all that it published. */
export interface Watch extends AsyncDisposable {
  readonly platform: MemoryPlatform;
  readonly monitor: Monitor;
  readonly events: MonitorEvent[];
  /** Each batch of events with the faked time since the start at which it came. */
  readonly batches: { readonly atMs: number; readonly events: readonly MonitorEvent[] }[];
  /** What came since the last call. */
  fresh(): readonly MonitorEvent[];
  pass(ms: number): Promise<void>;
}

/** Jitter in the middle: intervals are exactly what the options say. */
export const noJitter = (): number => 0.5;

/** lo, and eth0 with an address and a default of each family. */
export function furnish({ controls }: MemoryPlatform): void {
  controls.setInterface(memoryInterface(1, "lo", { kind: "loopback", mac: null }));
  controls.setInterface(
    memoryInterface(2, "eth0", {
      addresses: [memoryAddress("10.0.0.2/24"), memoryAddress("fd00::2/64")],
    }),
  );
  controls.setDefaults("ipv4", [memoryDefault("10.0.0.1", 2)]);
  controls.setDefaults("ipv6", [memoryDefault("fe80::1", 2, { metric: 1024 })]);
}

/** To be used under vi.useFakeTimers(). */
export async function watch(
  prepare: (platform: MemoryPlatform) => void = furnish,
  options: Partial<MonitorOptions> = {},
): Promise<Watch> {
  const platform = openMemoryPlatform();
  prepare(platform);
  const monitor = await startMonitor(
    platform,
    { random: noJitter, ...options },
    new AbortController().signal,
  );
  const startedAt = performance.now();
  const events: MonitorEvent[] = [];
  const batches: { atMs: number; events: readonly MonitorEvent[] }[] = [];
  let seen = 0;
  monitor.onEvents((batch) => {
    events.push(...batch);
    batches.push({ atMs: performance.now() - startedAt, events: batch });
  });
  return {
    platform,
    monitor,
    events,
    batches,
    fresh() {
      const fresh = events.slice(seen);
      seen = events.length;
      return fresh;
    },
    pass: async (ms) => void (await vi.advanceTimersByTimeAsync(ms)),
    [Symbol.asyncDispose]: () => monitor[Symbol.asyncDispose](),
  };
}

/** Kinds of events, with the interface or family that each is about. */
export function told(events: readonly MonitorEvent[]): readonly string[] {
  return events.map((event) => {
    if ("interface" in event) return `${event.kind} ${event.interface}`;
    return event.kind === "default-changed" ? `${event.kind} ${event.family}` : event.kind;
  });
}
