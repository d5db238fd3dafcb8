import type { RouteEvidence, RuleRemoval, ScopedEvidence } from "../../platform/route-evidence.ts";
import { slotCount } from "../slot-choice.ts";

/**
 * What evidence about a default says of a scoped default of ours: its route went, from the table of a slot or where
 * it is a route of its own, or another took its place there. Null for what happened elsewhere, and for what is added.
 *
 * @param tag the protocol that marks routes as ours, as `DefaultRoute.protocol` gives it
 */
export function scopedEvidenceOf(
  { at, action, route, requester, scopedTo }: RouteEvidence,
  places: { readonly tableBase: number } | null,
  tag: string,
): ScopedEvidence | null {
  const isOurs = route.protocol === tag;
  const slot = places === null ? null : route.table - places.tableBase;
  if (slot === null ? scopedTo === undefined : slot < 0 || slot >= slotCount) return null;
  if (action === "added" || (action === "removed" && !isOurs)) return null;
  return {
    at,
    part: "route",
    family: route.family,
    slot,
    interfaceIndex: scopedTo ?? route.interfaceIndex,
    replacedBy: action === "replaced" ? route.protocol : null,
    requester,
  };
}

/** What the removal of a rule of our tag says of the scoped default in whose slot it stood; null outside of all. */
export function scopedEvidenceOfRule(
  { at, family, preference, requester }: RuleRemoval,
  places: { readonly preferenceBase: number } | null,
): ScopedEvidence | null {
  if (places === null) return null;
  const slot = Math.floor((preference - places.preferenceBase) / 2);
  if (slot < 0 || slot >= slotCount) return null;
  const nothing = { interfaceIndex: null, replacedBy: null };
  return { at, part: "rule", family, slot, ...nothing, requester };
}
