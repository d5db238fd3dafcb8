import { scopedKey } from "../routes/plan-scoped.ts";
import type { Reconciled } from "../routes/reconcile.ts";
import type { ScopedView } from "../routes/scoped-view.ts";
import type { Logger } from "./logger.ts";
import { newsOfScoped, type RouteNews } from "./route-news.ts";
import { describeTrouble } from "./route-trouble.ts";
import { stepReporter } from "./step-report.ts";

/** What came of each round of the loop that changes routes: told in the log and as events. */
export interface RouteRounds {
  /** Why the next round runs, for the events that it makes. */
  because(cause: RouteNews["cause"]): void;
  done(result: Reconciled): void;
  failed(error: Error): void;
  /** Why the last round failed, for `status`; null when it did not. */
  trouble(): string | null;
}

export function followRounds(tell: (news: readonly RouteNews[]) => void, log: Logger): RouteRounds {
  const report = stepReporter(log);
  let cause: RouteNews["cause"] = "message";
  let shown: readonly ScopedView[] = [];
  let trouble: string | null = null;
  return {
    because(next) {
      cause = next;
    },
    done(result) {
      if (trouble !== null) log.info("routes are looked after again");
      trouble = null;
      report(result.outcomes);
      const repaired = repairedIn(result);
      const wasRepaired = ({ family, interface: name }: ScopedView): boolean =>
        repaired.has(scopedKey(family, name));
      const { scoped } = result.plan;
      tell(newsOfScoped(shown, scoped, wasRepaired, cause));
      shown = scoped;
    },
    failed(error) {
      const words = describeTrouble(error);
      if (trouble !== words) log.error(words);
      trouble = words;
    },
    trouble: () => trouble,
  };
}

/** `scopedKey` of each of which a part was missing and was put back. */
function repairedIn({ outcomes }: Reconciled): ReadonlySet<string> {
  return new Set(
    outcomes.flatMap(({ step, result }) => {
      if (step.kind !== "install-scoped" || result !== "done") return [];
      const { family, interfaceName, form } = step.planned.entry;
      // A kill switch came or went: no part was missing.
      if (step.replaces !== null && step.replaces.form !== form) return [];
      return [scopedKey(family, interfaceName)];
    }),
  );
}
