import { type DebtContext, standingIn } from "./debt-context.ts";
import { isMarked } from "./debt-routes.ts";
import { describeDefault, isSameDefault } from "./default-comparison.ts";
import { takenPlaces } from "./owed-default.ts";
import type { DebtStep } from "./step.ts";

/**
 * Whether a recorded end of a lifetime must be written anew: less than half, or more than twice, of what is left
 * stands in the record. Routers announce themselves every few minutes (RFC 4861 section 6.2.1: a lifetime is three
 * intervals by default), and not each time is worth a write. Null is no end.
 */
export function isStaleEnd(recorded: number | null, known: number | null, now: number): boolean {
  if (recorded === null || known === null) return recorded !== known;
  const left = known - now;
  return left > 0 && (recorded - now < left / 2 || recorded - now > left * 2);
}

/**
 * A router's default that was displaced comes again with each announcement, until it is displaced again: the one
 * occasion to learn how long the router's word holds now. Without it a debt would end with the first lifetime.
 */
export function renewLifetimes(context: DebtContext): readonly DebtStep[] {
  const { journal, interfaces, now } = context;
  return journal.openDebts.flatMap(({ displaced }) =>
    takenPlaces(displaced).flatMap((place): readonly DebtStep[] => {
      const recorded = displaced.defaults[place]?.route;
      if (recorded === undefined || recorded.expiresAt === null) return [];
      const announced = standingIn(context, displaced.family, displaced.table).find(
        ({ route }) => isSameDefault(route, recorded) && !isMarked(route, context),
      )?.route;
      const expiresAt = announced?.expiresAt ?? null;
      if (expiresAt === null || !isStaleEnd(recorded.expiresAt, expiresAt, now)) return [];
      const reason = `${describeDefault(recorded, interfaces)}: its router has announced itself again`;
      const fact = { kind: "lifetime", debt: displaced.debt, place, expiresAt } as const;
      return [{ kind: "renew-debt", fact, reason }];
    }),
  );
}
