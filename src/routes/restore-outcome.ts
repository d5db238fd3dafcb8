import type { StepOutcome } from "./apply.ts";
import type { Plan } from "./plan.ts";
import { type Inverse, inverseOf, type Step } from "./step.ts";

/** A step as a dry run shows it. */
export interface ShownStep {
  readonly what: Step["kind"];
  readonly reason: string;
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
  return { what: step.kind, reason: step.reason, inverse: inverseOf(step), raw };
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
      ? [`Not exactly as before: ${step.reason.split(":")[0]} ${step.deviation}.`]
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
      : [`Not done: ${step.reason}; ${last.error.message}.`];
  });
  const problems = [...new Set([...deviations, ...owed, ...failed, ...troubles])];
  const said = changes.flatMap((step) => sentenceOf(step) ?? []);
  if (plan.scoped.length > 0)
    said.push("The scoped defaults stay: a running netwatchd is told to keep them.");
  const sentences = [...said, ...problems];
  return {
    kind: problems.length === 0 ? "done" : "partly",
    exitCode: problems.length === 0 ? 0 : 5,
    sentences:
      sentences.length === 0 ? ["Nothing to restore: everything is as it was."] : sentences,
    steps: done.map(showStep),
  };
}

function sentenceOf(step: Step): string | null {
  switch (step.kind) {
    case "add-default":
      return `Added ${step.reason}.`;
    case "remove-default":
      return `Removed ${step.reason}.`;
    case "remove-scoped":
      return `Removed the scoped default ${step.reason}.`;
    case "install-scoped":
      return `Installed the scoped default ${step.reason}.`;
    case "close-debt":
      return `Closed: ${step.reason}.`;
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
