import { interfacesOfRoute } from "../network/route.ts";
import type { RecordedDefault } from "../platform/route-control.ts";
import { type DebtContext, type DebtPlan, type DebtView, standingIn } from "./debt-context.ts";
import { isMarked, isOfDebt, replacementsOf } from "./debt-routes.ts";
import {
  describeDefault,
  hasSameLegs,
  isExpired,
  isIdenticalDefault,
  isLive,
  isSameDefault,
  isTunnelDefault,
  isWholeDefault,
} from "./default-comparison.ts";
import type { OpenDebt } from "./journal/journal-state.ts";
import type { JournalFact } from "./journal/record.ts";
import { addableToday, overPresentLinks, takenPlaces } from "./owed-default.ts";
import { type MissingDefault, putBack } from "./put-back.ts";
import { askRouters } from "./router-solicitation.ts";
import type { DebtStep } from "./step.ts";

type CloseOutcome = Extract<JournalFact, { readonly kind: "closed" }>["outcome"];

/** A debt whose interface does not return is given up after this time awake and asleep. */
const longestPendingMs = 7 * 24 * 3_600_000;

/** Waits between attempts that the kernel refused; then only when something happens. */
const retryDelaysMs: readonly number[] = [500, 2_500, 12_500];

/** When to try again after so many refusals, in ms of uptime; null to wait until something happens. */
export function nextAttempt(attempts: number, uptimeMs: number): number | null {
  const delayMs = retryDelaysMs[attempts - 1];
  return delayMs === undefined ? null : uptimeMs + delayMs;
}

/**
 * What brings back the defaults of one debt, or ends it. Each debt is of one family and one table; what it does
 * concerns only them. Pure: made again from what is read after its steps, it goes on until the debt is closed.
 */
export function planSettlement(debt: OpenDebt, context: DebtContext): DebtPlan {
  const { displaced, pending } = debt;
  const { interfaces, now, uptimeMs, traits } = context;
  const standing = standingIn(context, displaced.family, displaced.table);
  const ours = standing.filter(({ route }) => isOfDebt(route, debt));
  const foreign = standing.filter((one) => !ours.includes(one));
  const order = displaced.defaults.map(({ route }) =>
    overPresentLinks(route, displaced.interfaces, interfaces),
  );
  const kernelsOwn = foreign.filter(({ route }) => !isMarked(route, context));
  const replacements = ours.filter(
    ({ route }) => pending?.standIn === undefined || !isSameDefault(route, pending.standIn),
  );

  const close = (outcome: CloseOutcome, detail: string): DebtPlan => ({
    steps: [
      ...ours.map((one) => removal(one, debt, context)),
      {
        kind: "close-debt",
        fact: { kind: "closed", debt: displaced.debt, outcome, detail },
        reason: detail,
      },
    ],
    view: null,
    nextAtUptimeMs: null,
  });

  const missing: MissingDefault[] = [];
  const blocked: string[] = [];
  const known = order.flatMap((route) => route ?? []);
  for (const place of takenPlaces(displaced)) {
    const recorded = displaced.defaults[place];
    if (recorded === undefined || isExpired(recorded.route, now)) continue;
    const present = order[place] ?? null;
    if (present !== null && standsAgain(present, kernelsOwn, context)) continue;
    const owed = addableToday(recorded, displaced.interfaces, context);
    if (owed.kind === "blocked") {
      blocked.push(owed.reason);
      continue;
    }
    // With another gateway than the recorded one it may stand already, from the last attempt.
    known.push(owed.record.route);
    if (!standsAgain(owed.record.route, kernelsOwn, context)) missing.push({ owed, place });
  }

  const theirs = kernelsOwn.find(
    ({ route }) =>
      isWholeDefault(route) &&
      isLive(route, interfaces, now) &&
      !isTunnelDefault(route, interfaces) &&
      !known.some((one) => hasSameLegs(one, route)),
  );
  if (theirs !== undefined && takenPlaces(displaced).length > 0)
    return close("theirs", `${describeDefault(theirs.route, interfaces)} has taken its place`);

  if (missing.length === 0 && blocked.length === 0)
    return close("settled", settledText(debt, order, kernelsOwn, context));
  if (uptimeMs - displaced.uptimeMs > longestPendingMs && missing.length === 0)
    return close("expired", `given up after 7 days: ${blocked.join("; ")}`);

  const byRouters = missing.filter(({ owed }) => isAnnounced(owed.record));
  const byUs = missing.filter((one) => !byRouters.includes(one));
  const waiting = mustWait(debt, context);
  // Where there can be only one default of a key, ours goes first.
  const oursFirst = !traits.ordered.includes(displaced.family);
  const peers = oursFirst ? foreign : standing;
  const covers = displaced.defaults.map(({ route }) => route);
  const adds = waiting ? [] : putBack(displaced.debt, byUs, order, peers, covers, context);
  const removals = replacements.map((one) => removal(one, debt, context));
  const first = byRouters[0];
  const asked =
    first === undefined || blocked.length + byUs.length > 0
      ? { steps: [], nextAtUptimeMs: null }
      : askRouters(debt, first, standing, context);
  const moves = oursFirst ? [...removals, ...adds] : [...adds, ...removals];
  const steps = [...moves, ...postponed(debt, blocked, byUs.length > 0), ...asked.steps];
  return {
    steps,
    view: viewOf(debt, blocked[0] ?? pending?.reason ?? null),
    nextAtUptimeMs: waiting ? (pending?.nextAttemptUptimeMs ?? null) : asked.nextAtUptimeMs,
  };
}

/** A debt as `status` shows it. */
export function viewDebt({ displaced }: OpenDebt, state: DebtView["state"]): DebtView | null {
  const place = takenPlaces(displaced)[0] ?? 0;
  const route = displaced.defaults[place]?.route;
  if (route === undefined) return null;
  return {
    debt: displaced.debt,
    family: displaced.family,
    route,
    since: displaced.time,
    by: displaced.by.command,
    state,
    reason: null,
  };
}

function viewOf(debt: OpenDebt, reason: string | null): DebtView | null {
  const view = viewDebt(debt, "pending");
  return view === null ? null : { ...view, reason };
}

/** The same route, or a live one to the same neighbours, whatever its metric and protocol. */
function standsAgain(
  wanted: RecordedDefault["route"],
  standing: readonly RecordedDefault[],
  { interfaces, now }: DebtContext,
): boolean {
  return standing.some(
    ({ route }) =>
      isSameDefault(route, wanted) ||
      (isWholeDefault(route) &&
        route.prefix === wanted.prefix &&
        hasSameLegs(route, wanted) &&
        interfacesOfRoute(route).length > 0 &&
        isLive(route, interfaces, now)),
  );
}

function isAnnounced({ route }: RecordedDefault): boolean {
  return route.family === "ipv6" && route.protocol === "ra";
}

/** The kernel has refused, and neither is it time to try again nor has anything changed. */
function mustWait({ pending }: OpenDebt, { uptimeMs, changedAtUptimeMs }: DebtContext): boolean {
  if (pending === null || !pending.reason.startsWith("refused")) return false;
  if (changedAtUptimeMs > pending.uptimeMs) return false;
  return pending.nextAttemptUptimeMs === null || pending.nextAttemptUptimeMs > uptimeMs;
}

function postponed(
  { displaced, pending }: OpenDebt,
  blocked: readonly string[],
  alsoAdds: boolean,
): readonly DebtStep[] {
  const reason = blocked.join("; ");
  if (reason === "" || pending?.reason === reason || alsoAdds) return [];
  const { debt } = displaced;
  const fact = { kind: "pending", debt, reason, attempts: 0, nextAttemptUptimeMs: null } as const;
  return [{ kind: "postpone-debt", fact, reason }];
}

function removal(
  record: RecordedDefault,
  { displaced }: OpenDebt,
  { interfaces }: DebtContext,
): DebtStep {
  const reason = `${describeDefault(record.route, interfaces)}: netwatch's own, and nobody asks for it any more`;
  return { kind: "remove-default", debt: displaced.debt, record, reason };
}

function settledText(
  debt: OpenDebt,
  order: readonly (RecordedDefault["route"] | null)[],
  standing: readonly RecordedDefault[],
  { interfaces }: DebtContext,
): string {
  const [ours] = replacementsOf(debt);
  if (takenPlaces(debt.displaced).length === 0 && ours !== undefined)
    return `nothing had given way for ${describeDefault(ours, interfaces)}`;
  const route = order.find((one) => one !== null);
  if (route === undefined || route === null || takenPlaces(debt.displaced).length === 0)
    return "nothing is missing";
  const same = standing.some((one) => isIdenticalDefault(one.route, route));
  const what = describeDefault(route, interfaces);
  return same ? `${what} stands again` : `${what} stands again, not in every attribute`;
}
