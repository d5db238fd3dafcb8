import { type IpFamily, ipFamilies } from "../../network/address.ts";
import type { NetworkInterface } from "../../network/interface.ts";
import type { Obstacle } from "../../platform/route-control.ts";
import { type DebtContext, type DebtPlan, standingIn } from "../debt-context.ts";
import { isOfDebt } from "../debt-routes.ts";
import { describeDefault, isSameDefault, mainTable } from "../default-comparison.ts";
import { type DisplacementPlan, planDisplacement } from "../displacement.ts";
import type { OpenDebt } from "../journal/journal-state.ts";
import { takenPlaces } from "../owed-default.ts";
import { viewDebt } from "../settle.ts";
import type { DebtStep } from "../step.ts";
import { debtNames, isDebtOfLease, type LeasedDefault, type LeasedView } from "./leased-default.ts";
import { type LeasedWish, wishOfLease } from "./leased-wish.ts";
import { type OwnRoutesWish, planOwnRoutes } from "./own-routes.ts";

/** What is to be done for the leases, and how each of their defaults stands. */
export interface LeasedPlan {
  readonly steps: Readonly<Record<IpFamily, readonly DebtStep[]>>;
  /** By the name of a debt that must not be settled now. */
  readonly plans: ReadonlyMap<string, DebtPlan>;
  readonly views: readonly LeasedView[];
  /** What will stand in the way of scoped defaults: they are made so that it does not. */
  readonly obstacles: readonly Obstacle[];
  /** Some of it is about to be made for the first time. */
  readonly begins: boolean;
}

/**
 * Of each family the newest lease that has a way, or that blocks, stands. What a lease below it has displaced stays
 * away as long as one is left that displaces. Pure.
 */
export function planLeased(
  leased: readonly LeasedDefault[],
  /** By the name of a debt, why the system refused what it stands for. */
  refused: ReadonlyMap<string, string>,
  context: DebtContext,
): LeasedPlan {
  const parts = ipFamilies.map((family) =>
    planFamily(
      leased.filter((one) => one.family === family),
      family,
      refused,
      context,
    ),
  );
  const [ipv4, ipv6] = parts;
  return {
    steps: { ipv4: ipv4?.steps ?? [], ipv6: ipv6?.steps ?? [] },
    plans: new Map(parts.flatMap(({ plans }) => [...plans])),
    views: parts.flatMap(({ views }) => views),
    obstacles: parts.flatMap(({ obstacles }) => obstacles),
    begins: parts.some(({ begins }) => begins),
  };
}

interface FamilyPlan extends Omit<LeasedPlan, "steps"> {
  readonly steps: readonly DebtStep[];
}

function planFamily(
  stack: readonly LeasedDefault[],
  family: IpFamily,
  refused: ReadonlyMap<string, string>,
  context: DebtContext,
): FamilyPlan {
  const links = new Map(stack.map((one) => [one, liveLink(one, context.interfaces)]));
  const counts = (one: LeasedDefault): boolean =>
    (links.get(one) ?? null) !== null || one.onLost === "block";
  const at = stack.findLastIndex(counts);
  const top = stack[at];
  const views: LeasedView[] = stack.map((one, place) => {
    const state = place < at ? "covered" : "lost";
    const reason = place < at ? coveredBy(top) : lossOf(one, context.interfaces);
    const interfaceIndex = links.get(one)?.index ?? null;
    return { lease: one.lease, family, state, reason, interfaceIndex, gateway: null };
  });
  const plans = new Map<string, DebtPlan>();
  const steps: DebtStep[] = [];
  const obstacles: Obstacle[] = [];
  let begins = false;
  const take = (name: string, plan: DisplacementPlan): void => {
    plans.set(name, plan);
    steps.push(...plan.steps);
    if (plan.steps.some(({ kind }) => kind === "open-debt")) begins = true;
  };
  if (top !== undefined) {
    const link = links.get(top) ?? null;
    const wish = wishOfLease(top, link, context);
    const isRefused = Object.values(debtNames(top)).flatMap((name) => refused.get(name) ?? []);
    const states: DisplacementPlan[] = [];
    if (isRefused.length === 0) {
      for (const one of [wish.block, wish.main]) {
        if (one === null) continue;
        const plan = planWish(one, context);
        states.push(plan);
        take(one.id, plan);
      }
      if (wish.block !== null && family === "ipv4")
        obstacles.push({ kind: "kill-switch", family, prefix: "0.0.0.0/0", type: "unreachable" });
    }
    views[at] = viewOf(top, link, wish, states, isRefused[0] ?? null, context.interfaces);
  }
  const wished = [...plans.keys()];
  const held: DebtStep[] = [];
  const displaces = stack.slice(0, at + 1).some((one) => one.mode === "displace" && counts(one));
  if (displaces) {
    for (const debt of heldDebts(family, context)) {
      const { debt: name } = debt.displaced;
      if (wished.includes(name)) continue;
      const plan = holdDebt(debt, context, plansRoutes(steps));
      plans.set(name, plan);
      held.push(...plan.steps);
    }
  }
  // Where one key holds one route, what is covered makes way first.
  const isOrdered = context.traits.ordered.includes(family);
  const all = isOrdered ? [...steps, ...held] : [...held, ...steps];
  return { steps: all, plans, views, obstacles, begins };
}

/** The interface of a lease while packets can leave by it. */
function liveLink(
  { interfaceName }: LeasedDefault,
  interfaces: ReadonlyMap<number, NetworkInterface>,
): NetworkInterface | null {
  const link = [...interfaces.values()].find(({ name }) => name === interfaceName);
  return link?.up === true ? link : null;
}

function planWish(wish: NonNullable<LeasedWish["main"]>, context: DebtContext): DisplacementPlan {
  const debt = context.journal.openDebts.find(({ displaced }) => displaced.debt === wish.id);
  return isOwn(wish)
    ? planOwnRoutes(wish, debt ?? null, context)
    : planDisplacement(wish, debt ?? null, context);
}

function isOwn(wish: NonNullable<LeasedWish["main"]>): wish is OwnRoutesWish {
  return "routes" in wish;
}

/** Those that have taken something away for a lease. */
function heldDebts(family: IpFamily, { journal }: DebtContext): readonly OpenDebt[] {
  return journal.openDebts.filter(
    ({ displaced }) =>
      isDebtOfLease(displaced.debt) &&
      displaced.family === family &&
      displaced.table === mainTable &&
      takenPlaces(displaced).length > 0,
  );
}

/** What it took away stays away, and what it has put there goes. */
function holdDebt(
  debt: OpenDebt,
  context: DebtContext,
  planned: ReturnType<typeof plansRoutes>,
): DebtPlan {
  const { displaced } = debt;
  const standing = standingIn(context, displaced.family, displaced.table);
  const steps = standing
    .filter(({ route }) => isOfDebt(route, debt) && !planned(route))
    .map((record): DebtStep => {
      const what = describeDefault(record.route, context.interfaces);
      const reason = `${what}: a newer lease stands before it`;
      return { kind: "remove-default", debt: displaced.debt, record, reason };
    });
  return { steps, view: viewDebt(debt, "displaced"), nextAtUptimeMs: null };
}

function plansRoutes(
  steps: readonly DebtStep[],
): (route: Parameters<typeof isSameDefault>[0]) => boolean {
  return (route) =>
    steps.some((step) => step.kind === "add-default" && isSameDefault(step.record.route, route));
}

function viewOf(
  { lease, family, interfaceName }: LeasedDefault,
  link: NetworkInterface | null,
  { main, block, gateway, trouble }: LeasedWish,
  plans: readonly DisplacementPlan[],
  refusal: string | null,
  interfaces: ReadonlyMap<number, NetworkInterface>,
): LeasedView {
  const base = { lease, family, interfaceIndex: link?.index ?? null, gateway };
  if (refusal !== null) return { ...base, state: "refused", reason: refusal };
  const bad = plans.find(({ state }) => state === "conflict" || state === "refused");
  if (bad !== undefined)
    return {
      ...base,
      state: "refused",
      reason: `conflict: ${bad.reason ?? "another stands there"}`,
    };
  if (trouble?.state === "refused") return { ...base, ...trouble };
  const waits = plans.find(({ state }) => state === "in-work");
  if (waits !== undefined || (main === null && link !== null))
    return { ...base, state: "in-work", reason: waits?.reason ?? null };
  if (link === null)
    return {
      ...base,
      state: block === null ? "lost" : "blocked",
      reason: lossOf({ interfaceName }, interfaces),
    };
  return trouble === null ? { ...base, state: "stands", reason: null } : { ...base, ...trouble };
}

function lossOf(
  { interfaceName }: Pick<LeasedDefault, "interfaceName">,
  interfaces: ReadonlyMap<number, NetworkInterface>,
): string {
  const exists = [...interfaces.values()].some(({ name }) => name === interfaceName);
  return exists
    ? `interface-down: ${interfaceName} is down`
    : `interface-gone: there is no ${interfaceName} now`;
}

function coveredBy(top: LeasedDefault | undefined): string {
  return top === undefined
    ? "a newer lease stands before it"
    : `a newer lease over ${top.interfaceName} stands before it`;
}
