import type { RoutingReading, ScopedDefault } from "../platform/route-control.ts";
import type { GuardedControl } from "../routes/flushed-record.ts";

/** Who sees what a control does, before whoever asked for it. */
export interface ControlWatcher {
  /** The routing was read. */
  look(reading: RoutingReading): void;
  /** The parts of a scoped default are about to be asked for. */
  installing(entry: ScopedDefault): void;
}

/** The same control, watched. */
export function watchedControl(control: GuardedControl, watcher: ControlWatcher): GuardedControl {
  return {
    ...control,
    async read(signal) {
      const reading = await control.read(signal);
      watcher.look(reading);
      return reading;
    },
    addScoped(entry, signal) {
      watcher.installing(entry);
      return control.addScoped(entry, signal);
    },
  };
}
