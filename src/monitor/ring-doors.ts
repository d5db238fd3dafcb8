import type { ChangeHint } from "../platform/platform.ts";
import type { HostState } from "./host-state.ts";
import type { InterfacePolicy } from "./interface-policy.ts";
import { interfaceSeverity, uplinksOf } from "./severity.ts";

/**
 * The names under which hints are debounced. What matters has a door of its own, so that the ringing of a
 * thousand containers, which share one, does not make it wait.
 */
export function ringDoors(
  hints: readonly ChangeHint[],
  state: HostState,
  policy: InterfacePolicy,
): readonly string[] {
  const uplinks = uplinksOf(state);
  return hints.map((hint) => {
    switch (hint.kind) {
      case "all":
        return "all";
      case "defaults":
        // Its interface rings too, by a door of its own where it matters; containers ring these all day.
        return hint.suspected === true ? "churn" : hint.family;
      case "interface": {
        const known = state.interfaces.get(hint.index);
        const matters =
          known !== undefined && interfaceSeverity(known, uplinks, policy.isChurn) === "effective";
        return matters ? `interface ${hint.index}` : "churn";
      }
      default:
        return hint satisfies never;
    }
  });
}
