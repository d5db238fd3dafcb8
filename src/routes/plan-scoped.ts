import { type IpFamily, ipFamilies } from "../network/address.ts";
import type { NetworkInterface } from "../network/interface.ts";
import type {
  FoundScoped,
  Obstacle,
  RouteTraits,
  RoutingReading,
  ScopedDefault,
} from "../platform/route-control.ts";
import { handOver } from "./hand-over.ts";
import { recogniseInterface } from "./journal/interface-identity.ts";
import type { JournalState } from "./journal/journal-state.ts";
import type { RecordOf } from "./journal/record.ts";
import { isStaleEnd } from "./lifetime.ts";
import { isSameEntry, planEntry } from "./scoped-entry.ts";
import { degradations, type ScopedView } from "./scoped-view.ts";
import type { ScopedWish } from "./scoped-wishes.ts";
import { chooseSlots, type SlotChoice } from "./slot-choice.ts";
import { recordThatSays, slotFact } from "./slot-record.ts";
import { describeScoped, type PlannedScoped, type ScopedStep } from "./step.ts";

/** A scoped default that must not be repaired for now. */
export interface Hold {
  readonly family: IpFamily;
  readonly interfaceIndex: number;
  /** `fight`: somebody takes it away again and again; `wait`: its repair has a time of its own. */
  readonly kind: "wait" | "fight";
  /** Who, and how it ends, for a person. */
  readonly reason: string;
}

/** What a plan for scoped defaults is made from. */
export interface ScopedPlanInput {
  readonly reading: RoutingReading;
  readonly journal: JournalState;
  readonly traits: Pick<RouteTraits, "scoped">;
  readonly interfaces: ReadonlyMap<number, NetworkInterface>;
  readonly wishes: readonly ScopedWish[];
  /** Whether all of them go because netwatch ends. */
  readonly withdraw: boolean;
  readonly holds: readonly Hold[];
  /** `ipv4 eth0` of each that this process made itself: what else stands was adopted. */
  readonly madeHere: ReadonlySet<string>;
  readonly now: number;
  readonly uptimeMs: number;
}

export interface ScopedPlan {
  /** What is removed comes first: a name or a slot may be wanted again. */
  readonly steps: readonly ScopedStep[];
  readonly views: readonly ScopedView[];
}

interface Outcome {
  readonly steps: readonly ScopedStep[];
  readonly view: ScopedView;
  /** What stands and stays, in whole or in part. */
  readonly keeps: FoundScoped | null;
}

/** The steps from what stands to what is wished; none when it stands already. Pure. */
export function planScoped(input: ScopedPlanInput): ScopedPlan {
  const steps: ScopedStep[] = [];
  const views: ScopedView[] = [];
  for (const family of ipFamilies) {
    const slots = chooseSlots(family, input.reading.scoped, input.journal, input.reading.obstacles);
    const wishes = input.wishes.filter((wish) => wish.family === family);
    const outcomes = wishes.map((wish) => outcomeOf(wish, slots, input));
    const kept = new Set(outcomes.flatMap(({ keeps }) => keeps ?? []));
    const found = input.reading.scoped.filter(({ entry }) => entry.family === family);
    const spare = found.filter((one) => !kept.has(one));
    steps.push(...spare.flatMap((one) => handOver(one, input) ?? removal(one.entry, wishes)));
    const installs = outcomes.flatMap((outcome) => outcome.steps);
    steps.push(...forgotten(family, found, installs, input.journal));
    steps.push(...installs);
    views.push(...outcomes.map(({ view }) => view));
  }
  return { steps, views };
}

/** The name of a scoped default among all. */
export function scopedKey(family: IpFamily, interfaceName: string): string {
  return `${family} ${interfaceName}`;
}

function outcomeOf(wish: ScopedWish, slots: SlotChoice, input: ScopedPlanInput): Outcome {
  const { link, family } = wish;
  const obstacles = obstaclesOf(input);
  const standing = standingOf(wish, slots, input);
  const made = input.madeHere.has(scopedKey(family, link.name));
  const view = (state: ScopedView["state"], reason: string | null): ScopedView => ({
    interface: link.name,
    family,
    gateway: wish.choice?.gateway ?? null,
    state,
    adopted: standing !== null && !made,
    reason,
  });
  const without = (
    state: ScopedView["state"],
    reason: string,
    keeps: FoundScoped | null,
  ): Outcome => ({ steps: [], view: view(state, reason), keeps });

  const hold = input.holds.find(
    (one) => one.family === family && one.interfaceIndex === link.index,
  );
  if (hold?.kind === "fight") return without("fight", hold.reason, standing);
  if (obstacles.some((one) => one.kind === "local-rule-moved" && one.family === family))
    return without(
      "pending",
      "local-rule-moved: the rule for the local table stands behind ours, as with VRFs; this host's own addresses would leave on the wire",
      null,
    );
  if (!link.up) {
    const stood = standing !== null || recordOf(wish, input.journal.remembered) !== null;
    return without(stood ? "stale" : "pending", `interface-down: ${link.name} is down`, standing);
  }
  if (wish.choice === null)
    return without(
      standing === null ? "pending" : "stale",
      `no-gateway-known: nothing says how ${link.name} reaches the internet`,
      null,
    );
  const slot =
    input.traits.scoped === "routes"
      ? link.index
      : (standing?.entry.slot ?? recordedSlot(wish, slots, input) ?? slots.take());
  if (slot === null) return without("pending", "no-slot-free: all 50 places are taken", null);
  const planned = planEntry(wish, wish.choice, slot, obstacles);
  const weak = degradations(
    link,
    family,
    wish.replies,
    planned.choice.from === "inferred",
    obstacles,
  );
  const shown = weak.length > 0 ? view("degraded", weak.join("; ")) : view("installed", null);
  const steps = stepsTo(planned, standing, input);
  const isRepair = steps.some(({ kind }) => kind === "install-scoped");
  if (hold !== undefined && isRepair) return without("degraded", hold.reason, standing);
  return { steps, view: shown, keeps: standing };
}

/** A route has no exceptions to make for what refuses everything: it goes before that, or the reading says so. */
function obstaclesOf({ reading, traits }: ScopedPlanInput): readonly Obstacle[] {
  return traits.scoped === "rules"
    ? reading.obstacles
    : reading.obstacles.filter(({ kind }) => kind !== "kill-switch");
}

function stepsTo(
  planned: PlannedScoped,
  standing: FoundScoped | null,
  { journal, uptimeMs, interfaces }: Pick<ScopedPlanInput, "journal" | "uptimeMs" | "interfaces">,
): readonly ScopedStep[] {
  const what = describeScoped(planned.entry);
  if (standing === null)
    return [{ kind: "install-scoped", planned, replaces: null, reason: `${what}: there was none` }];
  if (standing.complete && isSameEntry(standing.entry, planned.entry))
    return writtenDown(planned, what, journal, uptimeMs);
  const reason = `${what}: ${whyNotWhole(standing, interfaces)}`;
  return [{ kind: "install-scoped", planned, replaces: standing.entry, reason }];
}

function whyNotWhole(
  { entry, complete, hijackedOver }: FoundScoped,
  interfaces: ScopedPlanInput["interfaces"],
): string {
  if (complete) return `until now ${describeScoped(entry)}`;
  if (hijackedOver === undefined) return "a part of it was missing";
  const name = interfaces.get(hijackedOver)?.name ?? `interface ${hijackedOver}`;
  return `somebody had led it over ${name}`;
}

/** What the journal must be told of one that stands as wished. */
function writtenDown(
  planned: PlannedScoped,
  what: string,
  journal: JournalState,
  uptimeMs: number,
): readonly ScopedStep[] {
  const record = recordThatSays(journal, planned);
  if (record === null)
    return [{ kind: "adopt-scoped", planned, reason: `${what}: stands already` }];
  const end = planned.choice.untilUptimeMs;
  return isStaleEnd(record.gatewayUntilUptimeMs ?? null, end, uptimeMs)
    ? [{ kind: "renew-slot", planned, reason: `${what}: its router has announced itself again` }]
    : [];
}

/** What of ours stands for the wish under the interface's present name: it can be mended without a gap. */
function standingOf(
  { family, link }: ScopedWish,
  slots: SlotChoice,
  { reading }: ScopedPlanInput,
): FoundScoped | null {
  const candidates = reading.scoped.filter(
    ({ entry }) =>
      entry.family === family && entry.interfaceName === link.name && !slots.isForeign(entry.slot),
  );
  return candidates.find(({ complete }) => complete) ?? candidates[0] ?? null;
}

/** The slot that the journal has for the uplink, while nothing and nobody stands there. */
function recordedSlot(
  wish: ScopedWish,
  slots: SlotChoice,
  { reading, journal }: ScopedPlanInput,
): number | null {
  const record = recordOf(wish, journal.slots);
  if (record === null || slots.isForeign(record.slot)) return null;
  const isUsed = reading.scoped.some(
    ({ entry }) => entry.family === wish.family && entry.slot === record.slot,
  );
  return isUsed ? null : record.slot;
}

function recordOf(
  { family, link }: ScopedWish,
  records: readonly RecordOf<"slot">[],
): RecordOf<"slot"> | null {
  const alone = new Map([[link.index, link]]);
  return (
    records.find(
      (record) =>
        record.family === family && recogniseInterface(record.interface, alone).kind !== "gone",
    ) ?? null
  );
}

function removal(entry: ScopedDefault, wishes: readonly ScopedWish[]): ScopedStep {
  const wished = wishes.some(({ link }) => link.name === entry.interfaceName);
  const why = wished ? "does not fit any more" : "nobody asks for it any more";
  return { kind: "remove-scoped", entry, reason: `${describeScoped(entry)}: ${why}` };
}

/** Ends the journal's slots in which nothing of ours stands, if nobody is about to install there. */
function forgotten(
  family: IpFamily,
  found: readonly FoundScoped[],
  installs: readonly ScopedStep[],
  journal: JournalState,
): readonly ScopedStep[] {
  const wanted = installs.flatMap((step) =>
    step.kind === "install-scoped" ? [step.planned.entry.slot] : [],
  );
  return journal.slots
    .filter((record) => record.family === family)
    .filter(({ slot }) => !found.some(({ entry }) => entry.slot === slot) && !wanted.includes(slot))
    .map((record) => ({
      kind: "forget-slot",
      fact: slotFact(record, "removed"),
      reason: `${record.interface.name} (${family}): nothing of it stands`,
    }));
}
