import type { DefaultRoute } from "../../network/route.ts";
import type { Requester } from "../../platform/route-evidence.ts";
import type { LostBecause } from "./guard-event.ts";
import { nameRequester } from "./requester.ts";

/** The reason of a loss as a sentence for an administrator. */
export function describeLoss(
  because: LostBecause,
  by: Requester | null,
  over: readonly string[],
): string {
  const who = by === null ? "something" : nameRequester(by);
  switch (because) {
    case "not-returned":
      return "its link and address are back, and nobody brought it back";
    case "displaced":
      return `${who} put a default over ${over.join(", ")} in its place, and that is gone`;
    case "removed":
      return `${who} removed it and put nothing in its place`;
    case "withdrawn":
      return "its router withdrew it, or its lifetime ended";
    case "unexplained":
      return "it is gone, and no message told who removed it";
    default:
      return because satisfies never;
  }
}

/**
 * What to do by hand. `netwatch routes restore` brings back what can be put back safely, and the last known good of a
 * family that has no default at all; nothing that somebody took away on purpose.
 */
export function remedyOf(
  route: DefaultRoute,
  interfaceNames: readonly string[],
  because: LostBecause,
  isRestored: boolean,
): string | null {
  if (because === "withdrawn") return null;
  if (because !== "removed" && isRestored) return "netwatch routes restore";
  const via = route.gateway === null ? "" : ` via ${route.gateway}`;
  return `if it should be there, add ${route.prefix}${via} dev ${interfaceNames.join(", ")} again`;
}
