import type { StepOutcome } from "../routes/apply.ts";
import type { Logger } from "./logger.ts";

/** Says what was done to routes and what was refused: one line each, a refusal only when it is new. */
export function stepReporter(log: Logger): (outcomes: readonly StepOutcome[]) => void {
  let refused: ReadonlySet<string> = new Set();
  return (outcomes) => {
    const failed = new Set<string>();
    for (const { step, result, error } of outcomes) {
      const text = `${step.kind}: ${step.reason}`;
      if (result === "done") log.info(text);
      else {
        const why = error?.message ?? (result === "conflict" ? "something stands there" : result);
        const line = `${text}; not done: ${why}`;
        if (!refused.has(line) && !failed.has(line)) log.warn(line);
        failed.add(line);
      }
    }
    if (outcomes.length > 0) refused = failed;
  };
}
