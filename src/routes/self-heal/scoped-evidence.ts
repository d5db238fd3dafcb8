import type { RouteEvidence, RuleRemoval, ScopedEvidence } from "../../platform/route-evidence.ts";
import { slotCount } from "../slot-choice.ts";

/**
 * What evidence about a default says of a scoped default of ours: its route went from the table of a slot, or
 * another took its place there. Null for what happened in other tables, and for what is added.
 *
 * @param tag the protocol that marks routes as ours, as `DefaultRoute.protocol` gives it
 */
export function scopedEvidenceOf(
  { at, action, route, requester }: RouteEvidence,
  places: { readonly tableBase: number },
  tag: string,
): ScopedEvidence | null {
  const slot = route.table - places.tableBase;
  const isOurs = route.protocol === tag;
  if (slot < 0 || slot >= slotCount) return null;
  if (action === "added" || (action === "removed" && !isOurs)) return null;
  return {
    at,
    part: "route",
    family: route.family,
    slot,
    interfaceIndex: route.interfaceIndex,
    replacedBy: action === "replaced" ? route.protocol : null,
    requester,
  };
}

/** What the removal of a rule of our tag says of the scoped default in whose slot it stood; null outside of all. */
export function scopedEvidenceOfRule(
  { at, family, preference, requester }: RuleRemoval,
  places: { readonly preferenceBase: number },
): ScopedEvidence | null {
  const slot = Math.floor((preference - places.preferenceBase) / 2);
  if (slot < 0 || slot >= slotCount) return null;
  const nothing = { interfaceIndex: null, replacedBy: null };
  return { at, part: "rule", family, slot, ...nothing, requester };
}
