import type { DefaultRoute } from "../../network/route.ts";
import type { FamilyDefaults } from "../../network/state.ts";

/** Gives routes of equal prefix, table, tos and metric their places, in the kernel's order: the first wins. */
export function placeRoutes(routes: readonly DefaultRoute[]): readonly DefaultRoute[] {
  const next = new Map<string, number>();
  return routes.map((route) => {
    const key = `${route.prefix} ${route.table} ${route.tos} ${route.metric}`;
    const position = next.get(key) ?? 0;
    next.set(key, position + 1);
    return position === route.position ? route : { ...route, position };
  });
}

/**
 * Puts the kernel's answers beside the routes of its tables. An answer that is one of the routes is that route
 * itself; one that is not, and no longer than `longestPrefix`, joins them (half of a split, in a big table).
 */
export function joinAnswers(
  routes: readonly DefaultRoute[],
  answers: readonly (DefaultRoute | null)[],
  longestPrefix: number,
): { readonly defaults: FamilyDefaults; readonly added: readonly DefaultRoute[] } {
  const added: DefaultRoute[] = [];
  const joined = answers.map((answer) => {
    if (answer === null) return null;
    const key = identityOf(answer);
    const known = [...routes, ...added].find((route) => identityOf(route) === key);
    if (known !== undefined) return known;
    if (prefixLengthOf(answer) <= longestPrefix) added.push(answer);
    return answer;
  });
  return { defaults: { routes: [...routes, ...added], answers: joined }, added };
}

/**
 * Everything but what slides or counts: the look-up and the dump say the rest alike. IPv6 answers a look-up with
 * the chosen leg of a multipath route first, so that legs are compared without their order.
 */
function identityOf(route: DefaultRoute): string {
  const nexthops = route.nexthops.map((leg) => JSON.stringify({ ...leg, linkdown: false })).sort();
  return JSON.stringify({ ...route, nexthops, position: 0, expiresAt: null, linkdown: false });
}

function prefixLengthOf(route: DefaultRoute): number {
  return Number(route.prefix.slice(route.prefix.indexOf("/") + 1));
}
