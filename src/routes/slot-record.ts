import type { ScopedPlaces } from "../platform/route-control.ts";
import type { JournalState } from "./journal/journal-state.ts";
import type { JournalFact, RecordOf } from "./journal/record.ts";
import type { PlannedScoped } from "./step.ts";

type SlotFact = Extract<JournalFact, { readonly kind: "slot" }>;

/** Where the slots are; null on a system that has no rules and tables. */
export type SlotPlaces = ScopedPlaces | null;

/** The record that a planned entry gets. */
export function factOfPlanned(
  { entry, identity, prefixes, choice, leased }: PlannedScoped,
  state: SlotFact["state"],
  places: SlotPlaces,
): SlotFact {
  return {
    kind: "slot",
    family: entry.family,
    slot: entry.slot,
    interface: { ...identity },
    preference: places === null ? null : places.preferenceBase + 2 * entry.slot,
    table: places === null ? null : places.tableBase + entry.slot,
    protocol: places?.protocol ?? null,
    gateway: entry.gateway,
    source: entry.source,
    prefixes,
    form: entry.form,
    state,
    onlink: entry.onlink,
    mtu: entry.mtu,
    ...(entry.nexthops.length > 0 ? { nexthops: entry.nexthops } : {}),
    ...(leased ? { leased } : {}),
    gatewaySinceUptimeMs: choice.sinceUptimeMs,
    gatewayUntilUptimeMs: choice.untilUptimeMs,
  };
}

/** A record once more with another state. */
export function slotFact(record: RecordOf<"slot">, state: SlotFact["state"]): SlotFact {
  const { bootId, namespaceCookie, time, uptimeMs, ...rest } = record;
  const since = record.gatewaySinceUptimeMs ?? uptimeMs;
  return { ...(rest as SlotFact), gatewaySinceUptimeMs: since, state };
}

/** The journal's record that this entry is installed, whatever it says of lifetimes; null when there is none. */
export function recordThatSays(
  { slots }: JournalState,
  { entry, identity, prefixes, leased }: PlannedScoped,
): RecordOf<"slot"> | null {
  const record = slots.find((one) => one.family === entry.family && one.slot === entry.slot);
  const says =
    record?.state === "installed" &&
    record.protocol !== undefined &&
    record.gateway === entry.gateway &&
    record.source === entry.source &&
    record.form === entry.form &&
    (record.leased ?? false) === leased &&
    record.interface.index === identity.index &&
    record.interface.name === identity.name &&
    record.interface.mac === identity.mac &&
    JSON.stringify(record.prefixes) === JSON.stringify(prefixes);
  return says ? record : null;
}
