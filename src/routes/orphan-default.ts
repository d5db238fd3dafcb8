import type { RecordedDefault } from "../platform/route-control.ts";
import type { DebtContext } from "./debt-context.ts";
import { routesOfDebt } from "./debt-routes.ts";
import { describeDefault, isSameDefault } from "./default-comparison.ts";
import type { DebtStep } from "./step.ts";

/**
 * Unscoped defaults with our tag that no open debt speaks of, as after a journal was lost. Each gets a debt that
 * takes nothing away and whose replacement it is: once that is on the disk, settling removes it.
 */
export function orphanDebts({
  reading,
  journal,
  tag,
  interfaces,
}: DebtContext): readonly DebtStep[] {
  const known = journal.openDebts.flatMap(routesOfDebt);
  return reading.defaults
    .filter(({ route }) => route.protocol === tag)
    .filter(({ route }) => !known.some((one) => isSameDefault(one, route)))
    .map((orphan) => ({
      kind: "open-debt",
      fact: {
        kind: "displaced",
        debt: orphanName(orphan),
        family: orphan.route.family,
        table: orphan.route.table,
        defaults: [],
        interfaces: [],
        by: { command: null, pid: null, uid: null },
        taken: [],
        replacement: { ...orphan.route, nexthops: [...orphan.route.nexthops] },
      },
      reason: `${describeDefault(orphan.route, interfaces)}: carries netwatch's mark, and no record speaks of it`,
    }));
}

function orphanName({ route }: RecordedDefault): string {
  return `orphan ${route.family} ${route.table} ${route.tos} ${route.metric} ${route.position}`;
}
