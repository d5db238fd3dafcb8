import type { DefaultRoute } from "../network/route.ts";
import { isSameDefault } from "./default-comparison.ts";
import type { JournalState, OpenDebt } from "./journal/journal-state.ts";

/** What of ours is wished in the place of, or beside, the defaults that a debt speaks of. */
export function replacementsOf({ displaced }: OpenDebt): readonly DefaultRoute[] {
  return [displaced.replacement ?? [], displaced.replacements ?? []].flat();
}

/** Every route of ours that a debt speaks of: it goes with the debt. */
export function routesOfDebt(debt: OpenDebt): readonly DefaultRoute[] {
  return [...replacementsOf(debt), debt.pending?.standIn ?? []].flat();
}

/** Whether a route that stands is one of ours that the debt speaks of, with the mark that it was made with. */
export function isOfDebt(route: DefaultRoute, debt: OpenDebt): boolean {
  return routesOfDebt(debt).some(
    (one) => one.protocol === route.protocol && isSameDefault(one, route),
  );
}

/** Whether a route is netwatch's, by today's mark or because a debt speaks of it. */
export function isMarked(
  route: DefaultRoute,
  { tag, journal }: { readonly tag: string; readonly journal: Pick<JournalState, "openDebts"> },
): boolean {
  return route.protocol === tag || journal.openDebts.some((debt) => isOfDebt(route, debt));
}
