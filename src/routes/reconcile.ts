import type { IpFamily } from "../network/address.ts";
import type { NetworkInterface } from "../network/interface.ts";
import { interfacesOfRoute } from "../network/route.ts";
import type { RecordedDefault, RoutingReading } from "../platform/route-control.ts";
import { applyPlan, type StepOutcome, type Workplace } from "./apply.ts";
import type { DebtContext } from "./debt-context.ts";
import { isSameDefault } from "./default-comparison.ts";
import type { DisplacingWish } from "./displacement.ts";
import { splitSlots } from "./former-slots.ts";
import { chooseGateway } from "./gateway-choice.ts";
import { type CarrierHistory, rememberedGateway } from "./gateway-memory.ts";
import { isHandedOver } from "./hand-over.ts";
import { type DisplacementWatcher, repairedDebts, withHeld } from "./held-displacement.ts";
import { foldJournal, type JournalState } from "./journal/journal-state.ts";
import { bestUplink, type UplinkContext } from "./leased/best-uplink.ts";
import { isDebtOfLease, type LeasedWishes, noLeasedWishes } from "./leased/leased-default.ts";
import { lastKnownGoodDefaults } from "./offered-default.ts";
import { type Plan, planRoutes } from "./plan.ts";
import { type Hold, scopedKey } from "./plan-scoped.ts";
import { recordedDefaults } from "./recorded-defaults.ts";
import type { ScopedView } from "./scoped-view.ts";
import { type ScopedPolicy, wishScoped } from "./scoped-wishes.ts";
import { lookAtDisplacements } from "./self-heal/displacement-look.ts";

/** What is to be, as far as it does not follow from the network. */
export interface Intentions {
  /** Null takes every scoped default of ours away; "untouched" leaves whatever stands. */
  readonly scoped: ScopedPolicy | "untouched" | null;
  readonly displacing: readonly DisplacingWish[];
  /** What leases wish; nothing when it is missing. */
  readonly leased?: LeasedWishes;
  readonly removeOrphans: boolean;
  /** Defaults to be put back although no debt speaks of them. */
  readonly putBack: readonly RecordedDefault[];
  /** Whether a family without any default gets its last known good one. */
  readonly offerLastKnownGood: boolean;
}

/** What a reconciliation looks at beside the kernel's routing. */
export interface Surroundings {
  readonly interfaces: ReadonlyMap<number, NetworkInterface>;
  readonly carriers: CarrierHistory;
  readonly holds: readonly Hold[];
  /** `scopedKey` of each that this process made; added to. */
  readonly madeHere: Set<string>;
  /** By the id of a displacing wish, why the system refused it after others had gone for it; added to. */
  readonly refused: Map<string, string>;
  /** Where it is missing nothing is held back. */
  readonly displacementWatcher?: DisplacementWatcher;
  readonly tag: string;
  /** Ms since the epoch. */
  readonly now: () => number;
  readonly changedAtUptimeMs: number;
}

/** What was done, and what the last reading showed. */
export interface Reconciled {
  /** The plan after the last reading: no steps when everything is as wished. */
  readonly plan: Plan;
  readonly outcomes: readonly StepOutcome[];
  readonly reading: RoutingReading;
}

/** A plan that is not empty after so many rounds is left to the next event. */
const mostRounds = 12;

/** Reads and plans, and changes nothing. */
export async function planOnce(
  intentions: Intentions,
  surroundings: Surroundings,
  workplace: Pick<Workplace, "control" | "journal" | "places" | "uptimeMs">,
  signal: AbortSignal,
  /** See PlanInput. */
  scopedFirst = false,
): Promise<{
  readonly plan: Plan;
  readonly reading: RoutingReading;
  readonly state: JournalState;
}> {
  const reading = await workplace.control.read(signal);
  const { journal, places } = workplace;
  const all = foldJournal(journal.records, journal.identity);
  const { current, former } = splitSlots(all, places);
  const state = { ...all, slots: current };
  const { interfaces, carriers, holds, madeHere, tag, changedAtUptimeMs } = surroundings;
  const { leased = noLeasedWishes } = intentions;
  const { traits } = workplace.control;
  const now = surroundings.now();
  const uptimeMs = workplace.uptimeMs();
  const routes = reading.defaults.map(({ route }) => route);
  const { pinnedHosts = [] } = reading;
  const handedOver = reading.scoped.filter(({ entry }) => isHandedOver(entry, state));
  const foreignScoped = [...(reading.foreignScoped ?? []), ...handedOver.map(({ entry }) => entry)];
  const recorded = recordedDefaults(state, interfaces);
  const evidence = {
    interfaces,
    routes,
    recorded,
    pinnedHosts,
    foreignScoped,
    scopedAre: traits.scoped,
    tag,
    wished: [
      ...intentions.displacing.map(({ route }) => ({
        family: route.family,
        interfaces: interfacesOfRoute(route),
      })),
      ...leased.defaults.map(({ family, interfaceName }) => ({
        family,
        interfaces: indexesOf(interfaceName, interfaces),
      })),
    ],
    journal: state,
    carriers,
    now,
    uptimeMs,
  };
  const scoped = withLeasedUplinks(intentions.scoped, leased, evidence);
  const gatewayToday: DebtContext["gatewayToday"] = (link, family) => {
    const remembered = rememberedGateway(link, family, state, carriers, uptimeMs);
    const ofFamily = routes.filter((route) => route.family === family && route.protocol !== tag);
    return (
      chooseGateway(link, family, {
        routes: ofFamily,
        foreignScoped,
        remembered,
        recorded: [],
        pinnedHosts,
        now,
        uptimeMs,
      })?.gateway ?? null
    );
  };
  const context = {
    reading,
    interfaces,
    journal: state,
    former,
    places,
    traits,
    tag,
    now,
    uptimeMs,
    changedAtUptimeMs,
    gatewayToday,
  };
  const offered = intentions.offerLastKnownGood ? lastKnownGoodDefaults(context) : [];
  const whole = planRoutes({
    ...context,
    wishes: {
      scoped: scoped === "untouched" ? null : scoped === null ? [] : wishScoped(scoped, evidence),
      withdraw: scoped === null,
      displacing: intentions.displacing,
      refused: surroundings.refused,
      leased: leased.defaults,
      removeOrphans: intentions.removeOrphans,
      putBack: [...intentions.putBack, ...notAmong(intentions.putBack, offered)],
    },
    holds,
    madeHere,
    scopedFirst,
  });
  const looks = lookAtDisplacements(whole, context);
  const plan = withHeld(whole, surroundings.displacementWatcher?.look(looks) ?? [], tag);
  return { plan, reading, state };
}

function indexesOf(
  interfaceName: string,
  interfaces: ReadonlyMap<number, NetworkInterface>,
): readonly number[] {
  return [...interfaces.values()].flatMap(({ name, index }) =>
    name === interfaceName ? [index] : [],
  );
}

/** The policy, and what leases wish beside it. */
function withLeasedUplinks(
  scoped: Intentions["scoped"],
  { uplinks, bestUplinks }: LeasedWishes,
  context: UplinkContext,
): Intentions["scoped"] {
  if (scoped === null || scoped === "untouched") return scoped;
  const leased = new Map<string, ReadonlySet<IpFamily>>(uplinks);
  for (const family of bestUplinks) {
    const index = bestUplink(family, context)?.interfaceIndex;
    const name = index === undefined ? undefined : context.interfaces.get(index)?.name;
    if (name !== undefined) leased.set(name, new Set([family, ...(leased.get(name) ?? [])]));
  }
  return { ...scoped, leased };
}

/**
 * Reads, plans and applies until nothing is left to do, or until a round brings nothing forward. Whoever calls it
 * sees to it that no other does so at the same time.
 *
 * @throws PlatformError when the routing cannot be read; JournalError; the signal's reason
 */
export async function reconcile(
  intentions: Intentions,
  surroundings: Surroundings,
  workplace: Workplace,
  signal: AbortSignal,
): Promise<Reconciled> {
  const outcomes: StepOutcome[] = [];
  for (let round = 1; ; round += 1) {
    const { plan, reading, state } = await planOnce(
      intentions,
      surroundings,
      workplace,
      signal,
      round === 1,
    );
    if (plan.steps.length === 0) {
      const left = state.openPlans.map(({ plan: name }) => name);
      await workplace.journal.append(
        left.map((name) => ({ kind: "done", plan: name, outcome: "abandoned" })),
      );
      return { plan, outcomes, reading };
    }
    if (round > mostRounds) return { plan: withRefusals(plan, outcomes), outcomes, reading };
    for (const debt of repairedDebts(plan, surroundings.tag))
      surroundings.displacementWatcher?.repairing(debt);
    const done = await applyPlan(plan.steps, workplace, surroundings.changedAtUptimeMs, signal);
    outcomes.push(...done);
    noteRefusals(done, intentions, surroundings, workplace);
    for (const { step, result, alreadyThere = false } of done) {
      if (step.kind !== "install-scoped" || result !== "done" || alreadyThere) continue;
      const { family, interfaceName } = step.planned.entry;
      surroundings.madeHere.add(scopedKey(family, interfaceName));
    }
    if (!plan.waits && !done.some(({ result }) => result === "done")) {
      const after = await planOnce(intentions, surroundings, workplace, signal);
      return { plan: withRefusals(after.plan, done), outcomes, reading: after.reading };
    }
  }
}

/** What others had to go for is not tried again by itself: each attempt would leave the host without a default. */
function noteRefusals(
  outcomes: readonly StepOutcome[],
  { displacing }: Intentions,
  { refused }: Surroundings,
  { control }: Workplace,
): void {
  for (const { step, result, error } of outcomes) {
    const isRefusal = result === "failed" || result === "conflict";
    const adds = step.kind === "add-host" || step.kind === "add-default";
    if (isRefusal && adds && step.debt !== null && isDebtOfLease(step.debt))
      refused.set(step.debt, error?.message ?? `another route stands there: ${step.reason}`);
    if (step.kind !== "add-default" || result !== "failed") continue;
    const wish = displacing.find(({ id }) => id === step.debt);
    if (wish === undefined || control.traits.ordered.includes(wish.route.family)) continue;
    refused.set(wish.id, error?.message ?? "the system refused it");
  }
}

/** What the kernel refused to install does not stand, whatever the plan says of it. */
function withRefusals(plan: Plan, outcomes: readonly StepOutcome[]): Plan {
  const scoped = plan.scoped.map((view): ScopedView => {
    const open = plan.steps.find(
      (step) =>
        step.kind === "install-scoped" &&
        step.planned.entry.family === view.family &&
        step.planned.entry.interfaceName === view.interface,
    );
    if (open === undefined) return view;
    const last = outcomes.findLast(({ step }) => step.reason === open.reason);
    const why = last?.error?.message ?? "somebody else stands in its place";
    return { ...view, state: "pending", reason: `refused: ${why}` };
  });
  return { ...plan, scoped };
}

/** A default that is lost can be the last known good one, too. */
function notAmong(
  records: readonly RecordedDefault[],
  offered: readonly RecordedDefault[],
): readonly RecordedDefault[] {
  return offered.filter(({ route }) => !records.some((one) => isSameDefault(one.route, route)));
}
