import type { NetworkInterface } from "../../../src/network/interface.ts";
import type { RouteControl } from "../../../src/platform/route-control.ts";
import type { Workplace } from "../../../src/routes/apply.ts";
import { guardRemovals } from "../../../src/routes/flushed-record.ts";
import type { JournalMoment } from "../../../src/routes/journal/journal-entry.ts";
import type { JournalPort } from "../../../src/routes/journal-port.ts";
import { type RestoreOptions, restoreRoutes } from "../../../src/routes/restore.ts";
import type { RestoreOutcome } from "../../../src/routes/restore-outcome.ts";
import type { MemoryDirectory } from "../../routes/journal/memory-directory.ts";
import { never } from "../../routes/memory-host.ts";
import type { DarwinRouteHost } from "./route-control-host.ts";

/** What marks routes as ours, as a reading gives it. */
export const tag = "proto2";

/** What the routes core needs of a host of the double. */
export interface RoutesHost {
  moment(): JournalMoment;
  newPlanName(): string;
  readInterfaces(): Promise<ReadonlyMap<number, NetworkInterface>>;
  workplace(journal: JournalPort, control?: RouteControl): Workplace;
  restore(directory: MemoryDirectory, changes?: Partial<RestoreOptions>): Promise<RestoreOutcome>;
}

export function routesOver(host: DarwinRouteHost): RoutesHost {
  let plans = 0;
  const self: RoutesHost = {
    moment: () => ({ epochMs: Date.now(), uptimeMs: performance.now() }),
    newPlanName() {
      plans += 1;
      return `plan-${plans}`;
    },
    async readInterfaces() {
      const { interfaces } = await host.platform.read({ kind: "all" }, never);
      return new Map([...interfaces].flatMap(([at, link]) => (link === null ? [] : [[at, link]])));
    },
    workplace: (journal, control = host.control) => ({
      control: guardRemovals(control),
      journal,
      places: null,
      newPlanName: self.newPlanName,
      uptimeMs: () => performance.now(),
    }),
    restore: (directory, changes = {}) =>
      restoreRoutes(
        {
          verb: "restore",
          control: host.control,
          directory,
          lock: async () => ({ kind: "acquired", [Symbol.asyncDispose]: async () => undefined }),
          lockWaitMs: 0,
          readInterfaces: self.readInterfaces,
          tag,
          places: null,
          moment: self.moment,
          newPlanName: self.newPlanName,
          pause: async () => undefined,
          dryRun: false,
          ...changes,
        },
        never,
      ),
  };
  return self;
}
