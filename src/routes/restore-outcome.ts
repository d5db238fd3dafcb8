import type { IpFamily } from "../network/address.ts";
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

type Judged = Pick<Plan, "steps" | "scoped" | "displaced" | "lacking">;

/** Judges what was done by the plan that is left and by what the steps said. */
export function judgeRestore(
  plan: Judged,
  outcomes: readonly StepOutcome[],
  troubles: readonly string[],
): RestoreOutcome {
  const done = outcomes.filter(({ result }) => result === "done").map(({ step }) => step);
  const deviations = done.flatMap((step) =>
    step.kind === "add-default" && step.deviation !== null
      ? [`Not exactly as before: ${step.reason.split(": ")[0]} ${step.deviation}.`]
      : [],
  );
  const failed = plan.steps.flatMap((step) => {
    const last = outcomes.findLast((one) => one.step.reason === step.reason);
    return last?.error === null || last === undefined
      ? []
      : [`Could not ${wordStep(step).toDo}; ${last.error.message}.`];
  });
  const problems = [...new Set([...deviations, ...sayWaiting(plan), ...failed, ...troubles])];
  const said = done.flatMap((step) => sentenceOf(step) ?? []);
  return {
    kind: problems.length === 0 ? "done" : "partly",
    exitCode: problems.length === 0 ? 0 : 5,
    sentences: complete([...said, ...problems], plan),
    steps: done.map(showStep),
  };
}

/** What a restore would do; nothing has been done. */
export function foretellRestore(plan: Judged): RestoreOutcome {
  const steps = plan.steps.map((step) => `Would ${wordStep(step).toDo}.`);
  return {
    kind: "done",
    exitCode: 0,
    sentences: complete([...steps, ...sayWaiting(plan)], plan),
    steps: plan.steps.map(showStep),
  };
}

/** What cannot be put back now. */
function sayWaiting({ displaced, lacking }: Judged): readonly string[] {
  const again = "Run this command again when that has changed.";
  const owed = displaced
    .filter(({ state }) => state === "pending")
    .map(({ family, route, by, since, reason }) => {
      const way = route.gateway === null ? "" : ` via ${route.gateway}`;
      const whom = by === null ? "" : ` by ${by}`;
      const why = reason ?? "nothing says why";
      return `The ${family} default${way}, displaced${whom} at ${since}, is not back yet: ${why}. ${again}`;
    });
  const blocked = lacking.flatMap(({ family, good }) =>
    good === null || good.blockedBy === null
      ? []
      : [
          `The last known good ${family} default, ${good.what}, cannot be put back now: ${good.blockedBy}. ${again}`,
        ],
  );
  return [...owed, ...blocked];
}

/** With what there is to say where nothing happened, and about what stays as it is. */
function complete(sentences: readonly string[], { scoped, lacking }: Judged): readonly string[] {
  // Only a running daemon has scoped defaults left to look after.
  const keeps = scoped.length > 0;
  const nothing = keeps ? "no default is displaced or lost" : "everything is as it was";
  const helpless = lacking.filter(({ inUse, good }) => inUse && good === null);
  const told = [...sentences, ...helpless.map(({ family }) => sayHelpless(family))];
  return [
    ...(told.length === 0 ? [`Nothing to restore: ${nothing}.`] : told),
    ...(keeps ? [kept] : []),
  ];
}

const kept =
  "The scoped defaults stay, because netwatchd keeps them; they go when netwatchd is stopped.";
function sayHelpless(family: IpFamily): string {
  return `${family} has no default route, and netwatch knows none that was good and could be put back: add one by hand, or have your network manager do it.`;
}

/** A person is told what was changed, not what was only written down. */
function sentenceOf(step: Step): string | null {
  switch (step.kind) {
    case "add-default":
    case "remove-default":
    case "remove-scoped":
    case "remove-former":
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
    case "renew-debt":
    case "renew-slot":
    case "postpone-debt":
      return null;
    default:
      return step satisfies never;
  }
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}
