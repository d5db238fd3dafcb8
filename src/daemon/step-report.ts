import type { StepOutcome } from "../routes/apply.ts";
import { describeScoped, type Step } from "../routes/step.ts";
import { wordStep } from "../routes/step-words.ts";
import type { Logger } from "./logger.ts";

/** Says what was done to routes and what was refused: one line each, a refusal only when it is new. */
export function stepReporter(log: Logger): (outcomes: readonly StepOutcome[]) => void {
  let refused: ReadonlySet<string> = new Set();
  return (outcomes) => {
    const failed = new Set<string>();
    for (const { step: given, result, error, alreadyThere = false } of outcomes) {
      const step = alreadyThere ? takenOver(given) : given;
      const { toDo, done } = wordStep(step);
      if (result === "done") log.info(done);
      else {
        const line = `could not ${toDo}; ${error?.message ?? whyNot[result]}`;
        if (!refused.has(line) && !failed.has(line)) log.warn(line);
        failed.add(line);
      }
    }
    if (outcomes.length > 0) refused = failed;
  };
}

/** What stood already was not made, whatever the plan was. */
function takenOver(step: Step): Step {
  if (step.kind !== "install-scoped") return step;
  const { planned } = step;
  const reason = `${describeScoped(planned.entry)}: stands already`;
  return { kind: "adopt-scoped", planned, reason };
}

const whyNot: Readonly<Record<"conflict" | "failed" | "skipped", string>> = {
  conflict: "something of somebody else stands there",
  failed: "nobody says why",
  skipped: "it rests on what could not be done before it",
};
