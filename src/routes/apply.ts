import { PlatformError } from "../platform/platform-error.ts";
import { replacementsOf } from "./debt-routes.ts";
import { isSameDefault } from "./default-comparison.ts";
import { flushedDebt, type GuardedControl } from "./flushed-record.ts";
import { controlOfMark, formerControl, splitSlots } from "./former-slots.ts";
import { foldJournal } from "./journal/journal-state.ts";
import type { JournalFact } from "./journal/record.ts";
import type { JournalPort } from "./journal-port.ts";
import { nextAttempt } from "./settle.ts";
import { factOfPlanned, type SlotPlaces, slotFact } from "./slot-record.ts";
import {
  type DebtStep,
  describeScoped,
  type HostStep,
  inverseOf,
  type ScopedStep,
  type Step,
} from "./step.ts";

/** What became of a step. `skipped`: an earlier step that it rests on did not succeed. */
export interface StepOutcome {
  readonly step: Step;
  readonly result: "done" | "conflict" | "failed" | "skipped";
  /** What the system or the journal said. */
  readonly error: Error | null;
  /** It is done, and nothing had to be changed for it: somebody else has it so. */
  readonly alreadyThere?: true;
}

/** What carrying out a plan takes. */
export interface Workplace {
  readonly control: GuardedControl;
  readonly journal: JournalPort;
  readonly places: SlotPlaces;
  /** Names a plan in the journal; never the same twice. */
  readonly newPlanName: () => string;
  readonly uptimeMs: () => number;
}

/**
 * Carries out a plan in its order: what must be known afterwards is on the disk before each request, one flush for
 * all scoped installs together. A step that fails does not stop those that do not rest on it.
 *
 * @throws JournalError: then nothing was done that rests on what could not be written; the signal's reason
 */
export async function applyPlan(
  steps: readonly Step[],
  workplace: Workplace,
  /** Refusals of before that time are forgotten: the network has changed. */
  changedAtUptimeMs: number,
  signal: AbortSignal,
): Promise<readonly StepOutcome[]> {
  const outcomes: StepOutcome[] = [];
  const failedDebts = new Set<string | null>();
  const scoped: ScopedStep[] = [];
  for (const step of steps) {
    signal.throwIfAborted();
    if (isScoped(step)) {
      scoped.push(step);
      continue;
    }
    const debt = debtOf(step);
    const outcome =
      debt !== null && failedDebts.has(debt)
        ? ({ step, result: "skipped", error: null } as const)
        : isHost(step)
          ? await applyHostStep(step, workplace, signal)
          : await applyDebtStep(step, workplace, changedAtUptimeMs, signal);
    if (outcome.result !== "done") failedDebts.add(debt);
    outcomes.push(outcome);
  }
  return [...outcomes, ...(await applyScoped(scoped, workplace, signal))];
}

async function applyDebtStep(
  step: DebtStep,
  workplace: Workplace,
  changedAtUptimeMs: number,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const { control, journal } = workplace;
  switch (step.kind) {
    case "open-debt":
    case "renew-debt":
    case "postpone-debt":
    case "close-debt":
      await journal.append([step.fact]);
      return { step, result: "done", error: null };
    case "ask-routers":
      return attempt(step, signal, () => control.solicitRouters(step.interfaceIndex, signal));
    case "add-default": {
      const outcome = await attempt(step, signal, () =>
        control.addDefault(step.record, step.placement, signal),
      );
      if (outcome.result !== "done")
        await postponeRefused(step, outcome, workplace, changedAtUptimeMs);
      return outcome;
    }
    case "remove-default":
      return attempt(step, signal, async () => {
        const record = flushedDebt(journal, step.debt);
        if (record === null) throw new RangeError(`debt ${step.debt} is not on the disk`);
        await control.removeRecorded(record, step.record, signal);
      });
    default:
      return step satisfies never;
  }
}

async function applyHostStep(
  step: HostStep,
  { control, journal, places }: Workplace,
  signal: AbortSignal,
): Promise<StepOutcome> {
  if (step.kind === "add-host") {
    const fact = places === null ? step.fact : { ...step.fact, protocol: places.protocol };
    await journal.append([fact]);
    const outcome = await attempt(step, signal, () => control.addHost(step.host, signal));
    if (outcome.result === "conflict") await journal.append([{ ...fact, state: "removed" }]);
    return outcome;
  }
  const { fact, host } = step;
  const outcome = await attempt(step, signal, async () => {
    const made = controlOfMark(control, places, fact?.protocol);
    await made.removeHost?.(host, signal);
  });
  if (outcome.result === "done" && fact !== null) await journal.append([fact]);
  return outcome;
}

/** Install intents in one flush before the first request, and what became of them in another behind the last. */
async function applyScoped(
  steps: readonly ScopedStep[],
  { control, journal, places, newPlanName }: Workplace,
  signal: AbortSignal,
): Promise<readonly StepOutcome[]> {
  if (steps.length === 0) return [];
  const installs = steps.filter((step) => step.kind === "install-scoped");
  const plan = newPlanName();
  if (installs.length > 0) {
    await journal.append([
      {
        kind: "intent",
        plan,
        steps: installs.map((step) => ({
          what: `install ${describeScoped(step.planned.entry)}`,
          inverse: JSON.parse(JSON.stringify(inverseOf(step))),
        })),
      },
      ...installs.map(({ planned }) => factOfPlanned(planned, "intent", places)),
    ]);
  }
  const outcomes: StepOutcome[] = [];
  const marks: JournalFact[] = [];
  for (const step of steps) {
    const outcome = await applyScopedStep(step, control, signal);
    outcomes.push(outcome);
    if (outcome.result === "done") marks.push(...marksOf(step, journal, places));
    if (outcome.result === "conflict" && step.kind === "install-scoped")
      marks.push(factOfPlanned(step.planned, "removed", places));
  }
  if (installs.length > 0) {
    const whole = outcomes.every(({ result }) => result === "done");
    marks.push({ kind: "done", plan, outcome: whole ? "applied" : "abandoned" });
  }
  await journal.append(marks);
  return outcomes;
}

function applyScopedStep(
  step: ScopedStep,
  control: GuardedControl,
  signal: AbortSignal,
): Promise<StepOutcome> {
  switch (step.kind) {
    case "install-scoped":
      return attempt(step, signal, () => control.addScoped(step.planned.entry, signal));
    case "remove-scoped":
      return attempt(step, signal, () => control.removeScoped(step.entry, signal));
    case "remove-former":
      return attempt(step, signal, () =>
        formerControl(control, step.places).removeScoped(step.entry, signal),
      );
    case "adopt-scoped":
    case "renew-slot":
    case "hand-over":
    case "forget-slot":
      return Promise.resolve({ step, result: "done", error: null });
    default:
      return step satisfies never;
  }
}

function marksOf(
  step: ScopedStep,
  journal: JournalPort,
  places: SlotPlaces,
): readonly JournalFact[] {
  switch (step.kind) {
    case "install-scoped":
    case "adopt-scoped":
    case "renew-slot":
      return [factOfPlanned(step.planned, "installed", places)];
    case "hand-over":
      return [factOfPlanned(step.planned, "handed-over", places)];
    case "forget-slot":
    case "remove-former":
      return [step.fact];
    case "remove-scoped": {
      const { family, slot } = step.entry;
      const { current } = splitSlots(foldJournal(journal.records, journal.identity), places);
      return current
        .filter((record) => record.family === family && record.slot === slot)
        .map((record) => slotFact(record, "removed"));
    }
    default:
      return step satisfies never;
  }
}

async function attempt(
  step: Step,
  signal: AbortSignal,
  act: () => Promise<unknown>,
): Promise<StepOutcome> {
  try {
    const outcome = await act();
    if (outcome === "already-there")
      return { step, result: "done", error: null, alreadyThere: true };
    return { step, result: outcome === "conflict" ? "conflict" : "done", error: null };
  } catch (error) {
    signal.throwIfAborted();
    // Without the right to change routes no other step can succeed either.
    if (!(error instanceof PlatformError) || error.code === "permission") throw error;
    return { step, result: "failed", error };
  }
}

/**
 * A refusal of what is owed is written down with the time of the next attempt, so that a restart does not begin anew.
 * That of a replacement is its wish's own, and must not hold up what is owed.
 */
async function postponeRefused(
  { debt, record }: Extract<DebtStep, { readonly kind: "add-default" }>,
  { error }: StepOutcome,
  { journal, uptimeMs }: Workplace,
  changedAtUptimeMs: number,
): Promise<void> {
  if (debt === null) return;
  const { openDebts } = foldJournal(journal.records, journal.identity);
  const open = openDebts.find(({ displaced }) => displaced.debt === debt);
  const isReplacement =
    open !== undefined &&
    replacementsOf(open).some((replacement) => isSameDefault(replacement, record.route));
  if (isReplacement) return;
  const before = open?.pending ?? null;
  const goesOn =
    before?.reason.startsWith("refused") === true && before.uptimeMs >= changedAtUptimeMs;
  const attempts = goesOn ? before.attempts + 1 : 1;
  const why = error === null ? "another default stands there" : error.message;
  const standIn = before?.standIn;
  await journal.append([
    {
      kind: "pending",
      debt,
      reason: `refused: ${why}`,
      attempts,
      nextAttemptUptimeMs: nextAttempt(attempts, uptimeMs()),
      ...(standIn === undefined ? {} : { standIn }),
    },
  ]);
}

function isScoped(step: Step): step is ScopedStep {
  return (
    step.kind === "install-scoped" ||
    step.kind === "remove-scoped" ||
    step.kind === "remove-former" ||
    step.kind === "adopt-scoped" ||
    step.kind === "renew-slot" ||
    step.kind === "hand-over" ||
    step.kind === "forget-slot"
  );
}

function isHost(step: DebtStep | HostStep): step is HostStep {
  return step.kind === "add-host" || step.kind === "remove-host";
}

function debtOf(step: DebtStep | HostStep): string | null {
  if (step.kind === "remove-host") return null;
  return "debt" in step ? step.debt : step.fact.debt;
}
