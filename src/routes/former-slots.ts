import { PlatformError } from "../platform/platform-error.ts";
import type { RouteControl, ScopedDefault, ScopedPlaces } from "../platform/route-control.ts";
import type { JournalState } from "./journal/journal-state.ts";
import type { RecordOf } from "./journal/record.ts";
import { slotCount } from "./slot-choice.ts";
import { type SlotPlaces, slotFact } from "./slot-record.ts";
import { describeScoped, type ScopedStep } from "./step.ts";

/** A scoped default that stands where an earlier configuration had its places, or with its mark. */
export interface FormerSlot {
  readonly record: RecordOf<"slot">;
  readonly places: ScopedPlaces;
}

/** The steps that take away what an earlier configuration has left. */
export interface FormerPlan {
  /** Before today's are made: they want the same preferences or tables. */
  readonly first: readonly ScopedStep[];
  /** After: until then the sockets bound to that interface go by them. */
  readonly last: readonly ScopedStep[];
}

/** Parts the journal's slots in use into those of today's places and those of others. */
export function splitSlots(
  { slots }: Pick<JournalState, "slots">,
  places: SlotPlaces,
): { readonly current: JournalState["slots"]; readonly former: readonly FormerSlot[] } {
  if (places === null) return { current: slots, former: [] };
  const former = slots.flatMap((record): readonly FormerSlot[] => {
    const then = placesOf(record, places);
    return then === null || isSame(then, places) ? [] : [{ record, places: then }];
  });
  const isFormer = new Set(former.map(({ record }) => record));
  return { current: slots.filter((record) => !isFormer.has(record)), former };
}

/**
 * What stands in former places goes when today's stands for the same interface, and at once where nothing is to be
 * installed for it. Pure.
 */
export function planFormer(
  former: readonly FormerSlot[],
  scoped: readonly ScopedStep[],
  places: SlotPlaces,
): FormerPlan {
  const first: ScopedStep[] = [];
  const last: ScopedStep[] = [];
  for (const one of former) {
    if (places !== null && overlaps(one, places)) first.push(removalOf(one));
    else if (!scoped.some((step) => installs(step, one.record))) last.push(removalOf(one));
  }
  return { first, last };
}

type FormerControl = Pick<RouteControl, "removeScoped" | "removeHost">;

/**
 * What takes away what stands in former places.
 *
 * @throws PlatformError where a system has no places
 */
export function formerControl(
  control: Pick<RouteControl, "formerly">,
  places: ScopedPlaces,
): FormerControl {
  const former = control.formerly?.(places);
  if (former !== undefined) return former;
  const action = `take away what stands from table ${places.tableBase} on`;
  throw new PlatformError("unsupported", action);
}

/** What takes away routes of main with a mark, today's unless another is given. */
export function controlOfMark(
  control: FormerControl & Pick<RouteControl, "formerly">,
  places: SlotPlaces,
  protocol: number | undefined,
): FormerControl {
  if (places === null || protocol === undefined || protocol === places.protocol) return control;
  return formerControl(control, { ...places, protocol });
}

/** Where a record of before `protocol` was recorded stands is known, and its mark is taken to be today's. */
function placesOf(record: RecordOf<"slot">, places: ScopedPlaces): ScopedPlaces | null {
  const { slot, preference, table, protocol } = record;
  if (preference === null || table === null) return null;
  return {
    preferenceBase: preference - 2 * slot,
    tableBase: table - slot,
    protocol: protocol ?? places.protocol,
  };
}

function isSame(a: ScopedPlaces, b: ScopedPlaces): boolean {
  return (
    a.preferenceBase === b.preferenceBase &&
    a.tableBase === b.tableBase &&
    a.protocol === b.protocol
  );
}

/** Taking it away would take away today's as well, if that stood already. */
function overlaps({ record: { slot }, places: then }: FormerSlot, places: ScopedPlaces): boolean {
  if (then.protocol !== places.protocol) return false;
  const preference = then.preferenceBase + 2 * slot - places.preferenceBase;
  const table = then.tableBase + slot - places.tableBase;
  return (preference > -2 && preference < 2 * slotCount) || (table >= 0 && table < slotCount);
}

function installs(step: ScopedStep, { family, interface: { name } }: RecordOf<"slot">): boolean {
  if (step.kind !== "install-scoped") return false;
  const { entry } = step.planned;
  return entry.family === family && entry.interfaceName === name;
}

function removalOf({ record, places }: FormerSlot): ScopedStep {
  const entry: ScopedDefault = {
    family: record.family,
    interfaceIndex: record.interface.index,
    interfaceName: record.interface.name,
    slot: record.slot,
    gateway: record.gateway,
    onlink: record.onlink ?? false,
    source: record.source,
    mtu: record.mtu ?? null,
    nexthops: record.nexthops ?? [],
    form: record.form,
    connected: [],
    replyAddresses: [],
  };
  const where = `table ${record.table}, protocol ${places.protocol}`;
  return {
    kind: "remove-former",
    entry,
    places,
    fact: slotFact(record, "removed"),
    reason: `${describeScoped(entry)}: made by another configuration (${where})`,
  };
}
