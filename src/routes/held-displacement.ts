import { debtNames } from "./leased/leased-default.ts";
import type { Plan } from "./plan.ts";
import type { DisplacementLook } from "./self-heal/displacement-look.ts";
import type { Step } from "./step.ts";

/** What must not be put right for now. */
export interface DisplacementHold {
  readonly debt: string;
  /** Who, and how it ends, for a person. */
  readonly reason: string;
}

/** Who watches over what displaces defaults, so that netwatch does not fight for it with all its strength. */
export interface DisplacementWatcher {
  /** They were looked at; gives those that must be left alone now. What is not in the list is forgotten. */
  look(looks: readonly DisplacementLook[]): readonly DisplacementHold[];
  /** One is about to be put right. */
  repairing(debt: string): void;
  /** Somebody asks for it, perhaps again. */
  wished(debt: string): void;
}

/**
 * The wished debts for which something is to be done that somebody else has undone: ours was taken away, or what gave
 * way to it has come back.
 */
export function repairedDebts(plan: Plan, tag: string): ReadonlySet<string> {
  const debts = plan.steps.flatMap((step) => repairedBy(step, tag) ?? []);
  return new Set(debts.filter((debt) => plan.wished.has(debt)));
}

/** The same plan without the repairs that are held. */
export function withHeld(plan: Plan, holds: readonly DisplacementHold[], tag: string): Plan {
  if (holds.length === 0) return plan;
  const reasons = new Map(holds.map(({ debt, reason }) => [debt, reason]));
  const reasonOf = (debts: readonly string[]): string | null =>
    debts.flatMap((debt) => reasons.get(debt) ?? [])[0] ?? null;
  return {
    ...plan,
    steps: plan.steps.filter((step) => {
      const debt = repairedBy(step, tag);
      return debt === null || !reasons.has(debt);
    }),
    displaced: plan.displaced.map((view) => ({
      ...view,
      reason: reasonOf([view.debt]) ?? view.reason,
    })),
    displacements: new Map(
      [...plan.displacements].map(([debt, one]) => [
        debt,
        { ...one, reason: reasonOf([debt]) ?? one.reason },
      ]),
    ),
    leased: plan.leased.map((view) => ({
      ...view,
      reason: reasonOf(Object.values(debtNames(view))) ?? view.reason,
    })),
  };
}

function repairedBy(step: Step, tag: string): string | null {
  if (step.kind === "add-default") return step.debt;
  const isForeign = step.kind === "remove-default" && step.record.route.protocol !== tag;
  return isForeign ? step.debt : null;
}
