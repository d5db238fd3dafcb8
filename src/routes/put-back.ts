import type { DefaultRoute } from "../network/route.ts";
import type { RecordedDefault } from "../platform/route-control.ts";
import type { DebtContext } from "./debt-context.ts";
import { describeDefault, hasSameKey, isSameDefault } from "./default-comparison.ts";
import { isCovered } from "./flushed-record.ts";
import type { OwedDefault } from "./owed-default.ts";
import type { DebtStep } from "./step.ts";

/** A default that is missing, and where it stood. */
export interface MissingDefault {
  readonly owed: Extract<OwedDefault, { readonly kind: "addable" }>;
  /** Its place in `order`. */
  readonly place: number;
}

/**
 * Adds what is missing so that those of equal key stand in their recorded order again, in a family that keeps an
 * order; others take only one of a key.
 */
export function putBack(
  debt: string,
  missing: readonly MissingDefault[],
  /** Every recorded default over the present interfaces, in order; null where the interface is gone. */
  order: readonly (DefaultRoute | null)[],
  standing: readonly RecordedDefault[],
  /** What the debt's record covers: only that may be taken out to stand behind. */
  covers: readonly DefaultRoute[],
  { interfaces, traits }: Pick<DebtContext, "interfaces" | "traits">,
): readonly DebtStep[] {
  const steps: DebtStep[] = [];
  let now = [...standing];
  for (const { owed, place } of missing) {
    const { record, deviation } = owed;
    const peers = now.filter(({ route }) => hasSameKey(route, record.route));
    const behind = peers.filter(({ route }) => placeOf(route, order) > place);
    const leads = peers[0] !== undefined && behind.includes(peers[0]);
    const add = (one: RecordedDefault, placement: "exclusive" | "append" | "prepend"): void => {
      const what = describeDefault(one.route, interfaces);
      const reason = one === record ? `${what}: was displaced` : `${what}: stands behind again`;
      const differs = one === record ? deviation : null;
      steps.push({ kind: "add-default", debt, record: one, placement, deviation: differs, reason });
    };
    if (peers.length === 0 || !traits.ordered.includes(record.route.family)) {
      add(record, "exclusive");
      now = [...now, record];
    } else if (leads) {
      add(record, "prepend");
      now = [record, ...now];
    } else {
      add(record, "append");
      const moved = behind.filter(({ route }) => isCovered(covers, route));
      for (const one of moved) {
        const reason = `${describeDefault(one.route, interfaces)}: must stand behind the one that comes back`;
        steps.push({ kind: "remove-default", debt, record: one, reason });
        add(one, "append");
      }
      now = [...now.filter((one) => !moved.includes(one)), record, ...moved];
    }
  }
  return steps;
}

function placeOf(route: DefaultRoute, order: readonly (DefaultRoute | null)[]): number {
  return order.findIndex((one) => one !== null && isSameDefault(one, route));
}
