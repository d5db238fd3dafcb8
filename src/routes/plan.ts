import { type IpFamily, ipFamilies } from "../network/address.ts";
import type { NetworkInterface } from "../network/interface.ts";
import type { RecordedDefault, RouteTraits, RoutingReading } from "../platform/route-control.ts";
import type { DebtContext, DebtView } from "./debt-context.ts";
import { describeDefault, hasSameLegs } from "./default-comparison.ts";
import { type DisplacementPlan, type DisplacingWish, planDisplacement } from "./displacement.ts";
import { type FormerSlot, planFormer } from "./former-slots.ts";
import type { JournalState } from "./journal/journal-state.ts";
import { bestUplink, type Uplink } from "./leased/best-uplink.ts";
import { planHostRoutes } from "./leased/host-routes.ts";
import { isDebtOfLease, type LeasedDefault, type LeasedView } from "./leased/leased-default.ts";
import { mustMakeWay } from "./leased/make-way.ts";
import { planLeased } from "./leased/plan-leased.ts";
import { renewLifetimes } from "./lifetime.ts";
import { type LackingDefault, lackingDefaults } from "./offered-default.ts";
import { orphanDebts } from "./orphan-default.ts";
import { type Hold, planScoped } from "./plan-scoped.ts";
import type { ScopedView } from "./scoped-view.ts";
import type { ScopedWish } from "./scoped-wishes.ts";
import { planSettlement } from "./settle.ts";
import type { SlotPlaces } from "./slot-record.ts";
import type { DebtStep, Step } from "./step.ts";

/** Everything that shall be. What nobody wishes is taken away, if it is ours, and settled, if it is a debt. */
interface Wishes {
  /** Null leaves scoped defaults alone, whatever stands. */
  readonly scoped: readonly ScopedWish[] | null;
  /** Whether every scoped default of ours goes because netwatch ends. */
  readonly withdraw: boolean;
  readonly displacing: readonly DisplacingWish[];
  /** By id, those of `displacing` that the system refused, and why: their debts are settled. */
  readonly refused: ReadonlyMap<string, string>;
  /** What leases wish, oldest first. */
  readonly leased: readonly LeasedDefault[];
  /** Defaults that shall be put back although no debt speaks of them, over the interfaces of now. */
  readonly putBack: readonly RecordedDefault[];
  /** Whether unscoped defaults with our tag go that no record speaks of: after a journal was lost. */
  readonly removeOrphans: boolean;
}

/** What a plan is made from, read at one time. */
export interface PlanInput {
  readonly reading: RoutingReading;
  /** Its slots are those of today's places. */
  readonly journal: JournalState;
  /** What stands in other places. */
  readonly former: readonly FormerSlot[];
  readonly places: SlotPlaces;
  readonly interfaces: ReadonlyMap<number, NetworkInterface>;
  readonly traits: RouteTraits;
  readonly wishes: Wishes;
  readonly holds: readonly Hold[];
  /** `scopedKey` of each that this process made. */
  readonly madeHere: ReadonlySet<string>;
  /** The protocol that marks routes as ours, as `DefaultRoute.protocol` gives it. */
  readonly tag: string;
  /** In ms since the epoch. */
  readonly now: number;
  readonly uptimeMs: number;
  readonly changedAtUptimeMs: number;
  readonly gatewayToday: DebtContext["gatewayToday"];
  /** What a lease makes for the first time waits until the scoped defaults stand. */
  readonly scopedFirst: boolean;
}

export interface Plan {
  /** Debts first: an unbound packet matters more than a bound one. */
  readonly steps: readonly Step[];
  readonly scoped: readonly ScopedView[];
  readonly displaced: readonly DebtView[];
  readonly lacking: readonly LackingDefault[];
  /** By the id of the wish. */
  readonly displacements: ReadonlyMap<string, DisplacementPlan>;
  readonly leased: readonly LeasedView[];
  /** Names of the debts that are not settled now, because somebody wishes what they stand for. */
  readonly wished: ReadonlySet<string>;
  /** By which a host's own packets would leave without any tunnel. */
  readonly uplinks: Readonly<Record<IpFamily, Uplink | null>>;
  /** What a lease makes for the first time has been left out, and what makes way for it, until the scoped defaults stand. */
  readonly waits: boolean;
  /** When to plan again though nothing happens, in ms of uptime. */
  readonly nextAtUptimeMs: number | null;
}

/** The way from what is to what is wished. Pure, and empty when it is there: then nothing is written or sent. */
export function planRoutes(input: PlanInput): Plan {
  const { journal, wishes } = input;
  const displacements = new Map(
    wishes.displacing.flatMap((wish) => {
      if (wishes.refused.has(wish.id)) return [];
      const debt = journal.openDebts.find(({ displaced }) => displaced.debt === wish.id) ?? null;
      return [[wish.id, planDisplacement(wish, debt, input)] as const];
    }),
  );
  const leased = planLeased(wishes.leased, wishes.refused, input);
  const uplinks = uplinksOf(input);
  const hosts = planHostRoutes(wishes.leased, {
    ...input,
    uplinkOf: (family) => uplinks[family],
    removeOrphans: wishes.removeOrphans,
  });
  // The newest debt is settled first, as the last put on is the first taken off.
  const settlements = journal.openDebts
    .filter(({ displaced: { debt } }) => !displacements.has(debt) && !leased.plans.has(debt))
    .toReversed()
    .map((debt) => ({
      ...planSettlement(debt, input),
      isOfLease: isDebtOfLease(debt.displaced.debt),
    }));
  const orphans = wishes.removeOrphans ? orphanDebts(input) : [];
  const scoped =
    wishes.scoped === null
      ? { steps: [], views: [] }
      : planScoped({
          ...input,
          reading: {
            ...input.reading,
            obstacles: [...input.reading.obstacles, ...leased.obstacles],
          },
          wishes: wishes.scoped,
          withdraw: wishes.withdraw,
        });
  const former =
    wishes.scoped === null
      ? { first: [], last: [] }
      : planFormer(input.former, scoped.steps, input.places);
  const waits =
    input.scopedFirst &&
    leased.begins &&
    scoped.steps.some(({ kind }) => kind === "install-scoped" || kind === "remove-scoped");
  const displacing = [...displacements.values()].map((plan) => ({ ...plan, isOfLease: false }));
  const debts = [...settlements, ...displacing];
  const shown = [...debts, ...leased.plans.values()];
  const times = debts.flatMap(({ nextAtUptimeMs }) => nextAtUptimeMs ?? []);
  const leasedOf = (makingWay: boolean): readonly Step[] =>
    ipFamilies
      .map((family) => leased.steps[family])
      .filter((steps) => mustMakeWay(steps, input.reading.defaults, input) === makingWay)
      .flat();
  return {
    steps: [
      ...renewLifetimes(input),
      // Where one default of a key stands, what goes makes way for what comes; elsewhere it is the other way.
      ...(waits ? [] : [...hosts.adds, ...leasedOf(false)]),
      ...(waits ? debts.filter(({ isOfLease }) => !isOfLease) : debts).flatMap(
        ({ steps }) => steps,
      ),
      ...(waits ? [] : leasedOf(true)),
      ...missingDefaults(input),
      ...orphans,
      ...hosts.removals,
      ...former.first,
      ...scoped.steps,
      ...former.last,
    ],
    scoped: scoped.views,
    displaced: shown.flatMap(({ view }) => view ?? []),
    lacking: lackingDefaults(input),
    displacements: new Map([...displacements, ...[...wishes.refused].map(refusal)]),
    leased: leased.views,
    wished: new Set([...displacements.keys(), ...leased.plans.keys()]),
    uplinks,
    waits,
    nextAtUptimeMs: times.length === 0 ? null : Math.min(...times),
  };
}

function uplinksOf(input: PlanInput): Plan["uplinks"] {
  const routes = input.reading.defaults.map(({ route }) => route);
  const context = { ...input, routes };
  return { ipv4: bestUplink("ipv4", context), ipv6: bestUplink("ipv6", context) };
}

function refusal([id, reason]: readonly [string, string]): readonly [string, DisplacementPlan] {
  return [id, { state: "refused", reason, steps: [], view: null, nextAtUptimeMs: null }];
}

function missingDefaults({ reading, wishes, interfaces }: PlanInput): readonly DebtStep[] {
  return wishes.putBack
    .filter(({ route }) => !reading.defaults.some((one) => hasSameLegs(one.route, route)))
    .map((record) => ({
      kind: "add-default",
      debt: null,
      record,
      placement: "exclusive",
      deviation: null,
      reason: `${describeDefault(record.route, interfaces)}: was lost`,
    }));
}
