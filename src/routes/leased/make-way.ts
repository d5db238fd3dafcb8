import type { RecordedDefault, RouteTraits } from "../../platform/route-control.ts";
import { hasSameKey } from "../default-comparison.ts";
import type { DebtStep } from "../step.ts";

/** Whether one of ours must go before the steps can be done: its family holds one route of a key, and that is it. */
export function mustMakeWay(
  steps: readonly DebtStep[],
  standing: readonly RecordedDefault[],
  { tag, traits }: { readonly tag: string; readonly traits: Pick<RouteTraits, "ordered"> },
): boolean {
  return steps.some(
    (step) =>
      step.kind === "add-default" &&
      !traits.ordered.includes(step.record.route.family) &&
      standing.some(({ route }) => route.protocol === tag && hasSameKey(route, step.record.route)),
  );
}
