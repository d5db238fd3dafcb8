import type { NetworkInterface } from "../../network/interface.ts";
import { type DefaultRoute, interfacesOfRoute } from "../../network/route.ts";
import type { Missing } from "./charge.ts";
import type { LostBecause } from "./guard-event.ts";
import type { Verdict } from "./verdict.ts";

/** When a missing default counts as lost if nothing changes; null while that hangs on something else. */
export function lostAt(
  { verdict, footingSince, freeSince }: Missing,
  graceMs: number,
): number | null {
  if (verdict === null || footingSince === null) return null;
  switch (verdict.kind) {
    case "released":
      return null;
    case "displaced":
      return freeSince === null ? null : Math.max(freeSince, footingSince) + graceMs;
    case "unfounded":
    case "withdrawn":
      return footingSince + verdict.waitMs;
    case "removed":
    case "unexplained":
      return footingSince + graceMs;
    default:
      return verdict satisfies never;
  }
}

export function reasonOfLoss(verdict: Exclude<Verdict, { kind: "released" }>): LostBecause {
  return verdict.kind === "unfounded" ? "not-returned" : verdict.kind;
}

/** Why the default must not be offered as the last known good any more, or null when it may. */
export function voidReasonOf(verdict: Verdict): "deliberate-removal" | "router-lifetime" | null {
  switch (verdict.kind) {
    case "released":
      return verdict.voids ? "deliberate-removal" : null;
    case "removed":
      return "deliberate-removal";
    case "withdrawn":
      return "router-lifetime";
    case "displaced":
    case "unfounded":
    case "unexplained":
      return null;
    default:
      return verdict satisfies never;
  }
}

/** The kind of each interface that a route leaves by; null for one that is not there. */
export function kindsOfLegs(
  route: DefaultRoute,
  interfaces: ReadonlyMap<number, NetworkInterface>,
): readonly (NetworkInterface["kind"] | null)[] {
  return interfacesOfRoute(route).map((index) => interfaces.get(index)?.kind ?? null);
}
