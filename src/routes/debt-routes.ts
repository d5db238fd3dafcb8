import type { DefaultRoute } from "../network/route.ts";
import { isSameDefault } from "./default-comparison.ts";
import type { OpenDebt } from "./journal/journal-state.ts";

/** What of ours is wished in the place of, or beside, the defaults that a debt speaks of. */
export function replacementsOf({ displaced }: OpenDebt): readonly DefaultRoute[] {
  return [displaced.replacement ?? [], displaced.replacements ?? []].flat();
}

/** Every route of ours that a debt speaks of: it goes with the debt. */
export function routesOfDebt(debt: OpenDebt): readonly DefaultRoute[] {
  return [...replacementsOf(debt), debt.pending?.standIn ?? []].flat();
}

/** Whether a route that stands is one of ours that the debt speaks of. `tag` as `DefaultRoute.protocol` gives it. */
export function isOfDebt(route: DefaultRoute, debt: OpenDebt, tag: string): boolean {
  return route.protocol === tag && routesOfDebt(debt).some((one) => isSameDefault(one, route));
}
