import type { RoutingReading } from "../platform/route-control.ts";
import type { GuardedControl } from "../routes/flushed-record.ts";

/** The same control, with somebody who sees each reading before whoever asked for it. */
export function readWatched(
  control: GuardedControl,
  onReading: (reading: RoutingReading) => void,
): GuardedControl {
  return {
    ...control,
    async read(signal) {
      const reading = await control.read(signal);
      onReading(reading);
      return reading;
    },
  };
}
