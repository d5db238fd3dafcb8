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
import { mustMakeWay } from "./make-way.ts";
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
  const stands = stack.map((one, place) => {
    const blocks = stack.slice(0, place).some(({ onLost }) => onLost === "block");
    return standOf(one, blocks, refused, context);
  });
  const at = stands.findLastIndex(({ counts }) => counts);
  const top = stands[at];
  const views = stands.map((one, place): LeasedView => {
    if (place === at || (place > at && one.view.state === "refused")) return one.view;
    const base = { ...one.view, interfaceIndex: one.link?.index ?? null, gateway: null };
    return place < at
      ? { ...base, state: "covered", reason: coveredBy(stack[at]) }
      : { ...base, state: "lost", reason: lossOf(one.leased, context.interfaces) };
  });
  const steps = (top?.plans ?? []).flatMap(([, plan]) => plan.steps);
  const plans = new Map<string, DebtPlan>(top?.plans);
  const standing = standingIn(context, family, mainTable);
  const waits = mustMakeWay(steps, standing, context);
  const comes = !waits && steps.some(({ kind }) => kind === "add-default");
  const held: DebtStep[] = [];
  for (const debt of coveredDebts(stands.slice(0, at), family, comes, top, context)) {
    const { debt: name } = debt.displaced;
    if (plans.has(name)) continue;
    // What is covered goes when what covers it stands, so that no packet finds neither.
    const plan = comes ? keepDebt(debt) : holdDebt(debt, context, plansRoutes(steps));
    plans.set(name, plan);
    held.push(...plan.steps);
  }
  const blocks = family === "ipv4" && top !== undefined && top.wish.block !== null;
  return {
    steps: waits ? [...held, ...steps] : [...steps, ...held],
    plans,
    views,
    obstacles: blocks
      ? [{ kind: "kill-switch", family, prefix: "0.0.0.0/0", type: "unreachable" }]
      : [],
    begins: steps.some(({ kind }) => kind === "open-debt"),
  };
}

/** What one lease would come to if it were the newest. */
interface Stand {
  readonly leased: LeasedDefault;
  readonly link: NetworkInterface | null;
  readonly wish: LeasedWish;
  /** By the name of the debt. */
  readonly plans: readonly (readonly [string, DisplacementPlan])[];
  readonly view: LeasedView;
  /** It has a way, or it blocks; one that cannot be made leaves the older ones as they are. */
  readonly counts: boolean;
}

function standOf(
  leased: LeasedDefault,
  /** One that it covers blocks: nothing shall leave until that one stands again. */
  coversBlock: boolean,
  refused: ReadonlyMap<string, string>,
  context: DebtContext,
): Stand {
  const link = liveLink(leased, context.interfaces);
  const blocking = coversBlock && link !== null ? { ...leased, onLost: "block" as const } : leased;
  const wish = wishOfLease(blocking, link, context);
  const refusal = Object.values(debtNames(leased)).flatMap((name) => refused.get(name) ?? [])[0];
  // A tunnel that dies is often refused first, and heard of later: nothing shall leave in between.
  const keepsBlock =
    leased.granted && wish.block !== null && refused.get(wish.block.id) === undefined;
  const main = refusal === undefined ? wish.main : null;
  const block = refusal === undefined || keepsBlock ? wish.block : null;
  const wishes = [block, main].flatMap((one) => one ?? []);
  const plans = wishes.map((one) => [one.id, planWish(one, context)] as const);
  const states = plans.map(([, plan]) => plan);
  const view = viewOf(leased, link, wish, states, refusal ?? null, context.interfaces);
  const isMade = wishes.length > 0 || (refusal === undefined && wish.trouble?.state !== "refused");
  return {
    leased,
    link,
    wish,
    plans,
    view,
    counts: isMade && (link !== null || leased.onLost === "block"),
  };
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

/** The debts that are not settled while the newest lease stands, or comes. */
function coveredDebts(
  below: readonly Stand[],
  family: IpFamily,
  comes: boolean,
  top: Stand | undefined,
  { journal }: DebtContext,
): readonly OpenDebt[] {
  const covered = below.filter(({ counts }) => counts);
  const names = new Set<string>(covered.flatMap(({ leased }) => Object.values(debtNames(leased))));
  const displaces = [...covered, ...(top === undefined ? [] : [top])].some(
    ({ leased }) => leased.mode === "displace",
  );
  return journal.openDebts.filter(({ displaced }) => {
    if (displaced.family !== family || displaced.table !== mainTable) return false;
    const hasTaken = isDebtOfLease(displaced.debt) && takenPlaces(displaced).length > 0;
    return (displaces && hasTaken) || (comes && names.has(displaced.debt));
  });
}

/** It stays as it is. */
function keepDebt(debt: OpenDebt): DebtPlan {
  return { steps: [], view: viewDebt(debt, "displaced"), nextAtUptimeMs: null };
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
