import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Notification, Notifier } from "../../../src/daemon/service/notifier.ts";
import { reportToService } from "../../../src/daemon/service/service-report.ts";
import type { MonitorEvent } from "../../../src/monitor/event.ts";
import { change, hostState } from "../admin-fixture.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open(watchdogMs: number | null = null) {
  const sent: Notification[] = [];
  const notifier: Notifier = {
    watchdogMs,
    send: (notification) => void sent.push(notification),
    [Symbol.dispose]: () => undefined,
  };
  const health = { sourceAlive: true, stateCurrent: true, reasons: [] as string[] };
  let healthChanged = (): void => undefined;
  let happened = (_: readonly MonitorEvent[]): void => undefined;
  const report = reportToService({
    notifier,
    reasons: () => health.reasons,
    monitor: {
      state: hostState,
      health: () => health,
      onHealth: (listener) => {
        healthChanged = listener;
        return () => undefined;
      },
      onEvents: (listener) => {
        happened = listener;
        return () => undefined;
      },
    },
  });
  return {
    report,
    health,
    healthChanged: () => healthChanged(),
    happened: (events: readonly MonitorEvent[]) => happened(events),
    /** What was sent since the last call. */
    take: () => sent.splice(0),
  };
}

const watching = "Watching 2 interfaces; ipv4 by eth0, ipv6 by nothing";

test("ready() is told with what is watched", () => {
  const { report, take } = open();
  expect(take()).toEqual([]);
  report.ready();
  expect(take()).toEqual([{ READY: "1", STATUS: watching }]);
});

test("ready() is not told before the network was read", () => {
  const { report, health, healthChanged, take } = open();
  Object.assign(health, { stateCurrent: false, reasons: ["nothing is known: EPERM"] });
  report.ready();
  expect(take()).toEqual([{ STATUS: "Degraded: nothing is known: EPERM" }]);
  Object.assign(health, { stateCurrent: true, reasons: [] });
  healthChanged();
  expect(take()).toEqual([{ READY: "1", STATUS: watching }]);
});

test("the status is told when it has changed", () => {
  const { report, health, healthChanged, happened, take } = open();
  report.ready();
  take();
  happened([change("effective")]);
  expect(take()).toEqual([]);
  health.reasons = ["the source is deaf"];
  healthChanged();
  happened([change("effective")]);
  expect(take()).toEqual([{ STATUS: "Degraded: the source is deaf" }]);
});

test("the watchdog is fed each half period, and only while the source is alive", () => {
  const { report, health, healthChanged, take } = open(30_000);
  vi.advanceTimersByTime(15_000);
  expect(take()).toEqual([]);
  report.ready();
  take();
  vi.advanceTimersByTime(30_000);
  expect(take()).toEqual([{ WATCHDOG: "1" }, { WATCHDOG: "1" }]);
  health.sourceAlive = false;
  healthChanged();
  vi.advanceTimersByTime(60_000);
  expect(take()).toEqual([]);
  health.sourceAlive = true;
  healthChanged();
  expect(take()).toEqual([{ WATCHDOG: "1" }]);
});

test("reloading() tells the beginning with the time, and the end", async () => {
  const { report, take } = open();
  report.ready();
  take();
  const before = process.hrtime.bigint() / 1000n;
  await report.reloading(async () => undefined);
  const [first, second, ...rest] = take();
  expect(first).toMatchObject({ RELOADING: "1" });
  expect(BigInt(first?.MONOTONIC_USEC ?? "0")).toBeGreaterThanOrEqual(before);
  expect([second, rest]).toEqual([{ READY: "1" }, []]);
});

test("reloading() tells nothing of a daemon that does not stand yet", async () => {
  const { report, take } = open();
  await report.reloading(async () => undefined);
  expect(take()).toEqual([]);
});

test("stopping() is told once, and nothing after it", () => {
  const { report, health, healthChanged, take } = open();
  report.ready();
  take();
  report.stopping();
  health.reasons = ["the source is deaf"];
  healthChanged();
  report[Symbol.dispose]();
  expect(take()).toEqual([{ STOPPING: "1", STATUS: "Stopping" }]);
});
