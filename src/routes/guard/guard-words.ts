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
