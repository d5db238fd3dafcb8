import { ipFamilies } from "../network/address.ts";
import { interfacesOfRoute } from "../network/route.ts";
import type { Severity } from "./event.ts";
import type { DefaultsView, HostState, TrackedInterface } from "./host-state.ts";

/** The interfaces that a default of either family could leave by, winners and losers alike. */
export function uplinksOf(state: HostState): ReadonlySet<number> {
  return new Set(ipFamilies.flatMap((family) => [...uplinksOfView(state.defaults[family])]));
}

/** The interfaces that a default of one family could leave by. */
export function uplinksOfView(view: DefaultsView): ReadonlySet<number> {
  return new Set(view.candidates.flatMap(({ route }) => interfacesOfRoute(route)));
}

/**
 * A change of an uplink is effective, whatever its name: a container's only way out is a veth. Of the others,
 * containers and what the churn globs name are churn.
 */
export function interfaceSeverity(
  subject: Pick<TrackedInterface, "index" | "name" | "kind">,
  uplinks: ReadonlySet<number>,
  isChurn: (name: string) => boolean,
): Severity {
  if (uplinks.has(subject.index)) return "effective";
  return subject.kind === "container" || isChurn(subject.name) ? "churn" : "effective";
}
