import type { Monitor } from "../../monitor/monitor.ts";
import type { Notifier } from "./notifier.ts";
import { serviceStatus } from "./service-status.ts";

export interface ServiceReportOptions {
  /** Null or absent when no service manager wants to be told. */
  readonly notifier?: Notifier | null;
  readonly monitor: Pick<Monitor, "state" | "health" | "onHealth" | "onEvents">;
  /** What is wrong, worst first. */
  readonly reasons: () => readonly string[];
}

/** Tells the service manager how the daemon fares (sd_notify(3)). Disposing of it says that the daemon stops. */
export interface ServiceReport extends Disposable {
  /** Everything stands; it is told as soon as the network has been read, too. */
  ready(): void;
  /** Tells that the configuration is read again, and when that is done. */
  reloading(reload: () => Promise<void>): Promise<void>;
  /** Tells that the end has begun. */
  stopping(): void;
}

/**
 * Tells what happens from now on. The watchdog is fed by a timer of this event loop, and only while the source of
 * kernel messages is alive: a process that hangs or hears nothing is begun anew.
 */
export function reportToService(options: ServiceReportOptions): ServiceReport {
  const { notifier = null, monitor, reasons } = options;
  if (notifier === null) return silentReport;
  let stands = false;
  let isReady = false;
  let isStopping = false;
  let told = "";

  const feed = (): void => {
    if (isReady && notifier.watchdogMs !== null && monitor.health().sourceAlive)
      notifier.send({ WATCHDOG: "1" });
  };
  const tell = (): void => {
    if (!stands || isStopping) return;
    const status = serviceStatus(monitor.state, reasons());
    if (!isReady && monitor.health().stateCurrent) {
      isReady = true;
      notifier.send({ READY: "1", STATUS: status });
    } else if (status !== told) notifier.send({ STATUS: status });
    told = status;
  };
  const endHealth = monitor.onHealth(() => {
    tell();
    // Half a period may be over since it was last fed.
    feed();
  });
  const endEvents = monitor.onEvents((events) => {
    if (events.some(({ severity }) => severity === "effective")) tell();
  });
  const timer =
    notifier.watchdogMs === null ? null : setInterval(feed, notifier.watchdogMs / 2).unref();

  const stopping = (): void => {
    if (isStopping) return;
    isStopping = true;
    notifier.send({ STOPPING: "1", STATUS: "Stopping" });
  };
  return {
    ready() {
      stands = true;
      tell();
    },
    async reloading(reload) {
      // Node reads its clock from CLOCK_MONOTONIC (libuv, uv_hrtime()), which is what systemd compares it with.
      if (isReady && !isStopping)
        notifier.send({ RELOADING: "1", MONOTONIC_USEC: String(process.hrtime.bigint() / 1000n) });
      await reload();
      if (isReady && !isStopping) notifier.send({ READY: "1" });
    },
    stopping,
    [Symbol.dispose]() {
      stopping();
      endHealth();
      endEvents();
      if (timer !== null) clearInterval(timer);
    },
  };
}

const silentReport: ServiceReport = {
  ready: () => undefined,
  reloading: (reload) => reload(),
  stopping: () => undefined,
  [Symbol.dispose]: () => undefined,
};
