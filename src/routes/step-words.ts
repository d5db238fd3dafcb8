import type { Step } from "./step.ts";

/** A step in plain words, as something to do and as something done. */
export interface StepWords {
  /** `remove the scoped default of eth0 (ipv4 via 10.0.0.1): nobody asks for it any more`. */
  readonly toDo: string;
  /** `removed the scoped default of eth0 …`. */
  readonly done: string;
}

/** What a step does, with its reason. */
export function wordStep(step: Step): StepWords {
  const { reason } = step;
  const words = (verb: string, past: string, object = ""): StepWords => ({
    toDo: `${verb} ${object}${reason}`,
    done: `${past} ${object}${reason}`,
  });
  switch (step.kind) {
    case "add-default":
      return words("add", "added");
    case "remove-default":
      return words("remove", "removed");
    case "install-scoped":
      return words("install", "installed", "the scoped default of ");
    case "remove-scoped":
    case "remove-former":
      return words("remove", "removed", "the scoped default of ");
    case "adopt-scoped":
      return words("take over", "took over", "the scoped default of ");
    case "hand-over":
      return words("leave to the system", "left to the system", "the scoped default of ");
    case "forget-slot":
      return words("forget", "forgot", "the scoped default of ");
    case "open-debt":
      return words("write down", "wrote down", "how the defaults stand, before a change: ");
    case "renew-debt":
      return words("note how long it holds:", "noted how long it holds:");
    case "renew-slot":
      return words("note how long it holds:", "noted how long it holds:", "the scoped default of ");
    case "postpone-debt":
      return words("wait to bring a default back:", "waiting to bring a default back:");
    case "ask-routers":
      return words("ask", "asked", "the routers of ");
    case "close-debt":
      return closing(step.fact.outcome, reason);
    case "add-host":
      return words("add", "added", "the route to ");
    case "remove-host":
      return words("remove", "removed", "the route to ");
    default:
      return step satisfies never;
  }
}

type Outcome = Extract<Step, { readonly kind: "close-debt" }>["fact"]["outcome"];

function closing(outcome: Outcome, detail: string): StepWords {
  switch (outcome) {
    case "settled":
      return { toDo: `note as settled: ${detail}`, done: `settled: ${detail}` };
    case "theirs":
    case "handed-over":
      return { toDo: `leave it so: ${detail}`, done: `left as it is: ${detail}` };
    case "expired":
    case "forgotten":
      return { toDo: `let it go: ${detail}`, done: `let go: ${detail}` };
    default:
      return outcome satisfies never;
  }
}
