import type { DefaultRoute } from "../network/route.ts";
import { PlatformError } from "../platform/platform-error.ts";
import type { RecordedDefault, RouteControl } from "../platform/route-control.ts";
import { routesOfDebt } from "./debt-routes.ts";
import { isSameDefault } from "./default-comparison.ts";
import { foldJournal } from "./journal/journal-state.ts";
import type { JournalPort } from "./journal-port.ts";

declare const flushed: unique symbol;

/**
 * Proof that a debt is on the disk, with all that it covers. Only `flushedDebt` makes one, from what the journal
 * has acknowledged or read.
 */
export interface FlushedRecord {
  readonly [flushed]: true;
  readonly debt: string;
  /** What may be taken away because it can be brought back, or because it is ours. */
  readonly covers: readonly DefaultRoute[];
}

/**
 * Changes routes, except that an unscoped default can be deleted only with the proof that it is written down. The
 * features have no other way to the kernel.
 */
export interface GuardedControl
  extends Omit<RouteControl, "removeDefault" | "addHost" | "removeHost">,
    Required<Pick<RouteControl, "addHost" | "removeHost">> {
  /**
   * Deletes an unscoped default that a flushed record covers.
   *
   * @throws RangeError when the record does not cover it; PlatformError
   */
  removeRecorded(
    record: FlushedRecord,
    target: RecordedDefault,
    signal: AbortSignal,
  ): Promise<"removed" | "already-gone">;
}

/** Takes the bare removal away from a control. */
export function guardRemovals(control: RouteControl): GuardedControl {
  return {
    traits: control.traits,
    identity: () => control.identity(),
    read: (signal) => control.read(signal),
    addScoped: (entry, signal) => control.addScoped(entry, signal),
    removeScoped: (entry, signal) => control.removeScoped(entry, signal),
    addDefault: (record, placement, signal) => control.addDefault(record, placement, signal),
    addHost: (host, signal) =>
      control.addHost?.(host, signal) ?? Promise.reject(cannot(host.destination)),
    removeHost: (host, signal) =>
      control.removeHost?.(host, signal) ?? Promise.reject(cannot(host.destination)),
    ...(control.formerly && { formerly: control.formerly.bind(control) }),
    solicitRouters: (index, signal) => control.solicitRouters(index, signal),
    async removeRecorded(record, target, signal) {
      if (!isCovered(record.covers, target.route))
        throw new RangeError(`debt ${record.debt} does not cover ${target.route.prefix}`);
      return control.removeDefault(target, signal);
    },
    [Symbol.asyncDispose]: () => control[Symbol.asyncDispose](),
  };
}

function cannot(destination: string): PlatformError {
  return new PlatformError("unsupported", `change the route to ${destination}`);
}

/** The open debt of a name as it stands on the disk, or null. */
export function flushedDebt(journal: JournalPort, debt: string): FlushedRecord | null {
  const { openDebts } = foldJournal(journal.records, journal.identity);
  const open = openDebts.find(({ displaced }) => displaced.debt === debt);
  if (open === undefined) return null;
  const covers = [...open.displaced.defaults.map(({ route }) => route), ...routesOfDebt(open)];
  return { debt, covers } as unknown as FlushedRecord;
}

/** Whether a route is among those of a record. */
export function isCovered(covers: readonly DefaultRoute[], route: DefaultRoute): boolean {
  return covers.some((one) => isSameDefault(one, route));
}
