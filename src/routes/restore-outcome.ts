import type { StepOutcome } from "./apply.ts";
import type { Plan } from "./plan.ts";
import { type Inverse, inverseOf, type Step } from "./step.ts";
import { wordStep } from "./step-words.ts";

/** A step as a dry run shows it. */
export interface ShownStep {
  readonly what: Step["kind"];
  readonly reason: string;
  /** What it does and why, as something to do: `remove the scoped default of eth0 …: nobody asks for it any more`. */
  readonly text: string;
  readonly inverse: Inverse | null;
  /** For a default: the kernel's own bytes in base64, empty for one of ours. */
  readonly raw: string | null;
}

/** What a restore came to. */
export interface RestoreOutcome {
  readonly kind: "done" | "partly" | "refused";
  /** 0 done; 3 somebody else manages this namespace; 4 not permitted; 5 partly done, or not possible. */
  readonly exitCode: 0 | 3 | 4 | 5;
  /** For a person: what was done, what was not, why, and what to do next. */
  readonly sentences: readonly string[];
  /** What was done, or would be. */
  readonly steps: readonly ShownStep[];
}

/** A step for a person and for `--json`. */
export function showStep(step: Step): ShownStep {
  const raw = "record" in step ? Buffer.from(step.record.raw).toString("base64") : null;
  const { toDo: text } = wordStep(step);
  return { what: step.kind, reason: step.reason, text, inverse: inverseOf(step), raw };
}

/** Nothing was tried, or nothing could be. */
export function refused(exitCode: 3 | 4 | 5, ...sentences: readonly string[]): RestoreOutcome {
  return { kind: "refused", exitCode, sentences, steps: [] };
}

/** Judges what was done by the plan that is left and by what the steps said. */
export function judgeRestore(
  plan: Pick<Plan, "steps" | "scoped" | "displaced">,
  outcomes: readonly StepOutcome[],
  troubles: readonly string[],
): RestoreOutcome {
  const done = outcomes.filter(({ result }) => result === "done").map(({ step }) => step);
  const changes = done.filter((step) => sentenceOf(step) !== null);
  const deviations = done.flatMap((step) =>
    step.kind === "add-default" && step.deviation !== null
      ? [`Not exactly as before: ${step.reason.split(": ")[0]} ${step.deviation}.`]
      : [],
  );
  const pending = plan.displaced.filter(({ state }) => state === "pending");
  const owed = pending.map(
    (view) =>
      `The ${view.family} default of ${view.since} could not be brought back yet: ${view.reason ?? "it is still displaced"}. Run this command again when that has changed.`,
  );
  const failed = plan.steps.flatMap((step) => {
    const last = outcomes.findLast((one) => one.step.reason === step.reason);
    return last?.error === null || last === undefined
      ? []
      : [`Could not ${wordStep(step).toDo}; ${last.error.message}.`];
  });
  const problems = [...new Set([...deviations, ...owed, ...failed, ...troubles])];
  const said = changes.flatMap((step) => sentenceOf(step) ?? []);
  const restored = [...said, ...problems];
  // Only a running daemon has scoped defaults left to look after.
  const keeps = plan.scoped.length > 0;
  const nothing = keeps ? "no default is displaced or lost" : "everything is as it was";
  const kept =
    "The scoped defaults stay, because netwatchd keeps them; they go when netwatchd is stopped.";
  return {
    kind: problems.length === 0 ? "done" : "partly",
    exitCode: problems.length === 0 ? 0 : 5,
    sentences: [
      ...(restored.length === 0 ? [`Nothing to restore: ${nothing}.`] : restored),
      ...(keeps ? [kept] : []),
    ],
    steps: done.map(showStep),
  };
}

/** A person is told what was changed, not what was only written down. */
function sentenceOf(step: Step): string | null {
  switch (step.kind) {
    case "add-default":
    case "remove-default":
    case "remove-scoped":
    case "install-scoped":
    case "hand-over":
    case "close-debt":
    case "add-host":
    case "remove-host":
      return sentence(wordStep(step).done);
    case "adopt-scoped":
    case "forget-slot":
    case "open-debt":
    case "ask-routers":
    case "postpone-debt":
      return null;
    default:
      return step satisfies never;
  }
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}
