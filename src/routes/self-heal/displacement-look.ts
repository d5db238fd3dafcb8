import type { IpFamily } from "../../network/address.ts";
import { interfacesOfRoute } from "../../network/route.ts";
import { type DebtContext, standingIn } from "../debt-context.ts";
import { isOfDebt, replacementsOf } from "../debt-routes.ts";
import { isSameDefault } from "../default-comparison.ts";
import { repairedDebts } from "../held-displacement.ts";
import { takenPlaces } from "../owed-default.ts";
import type { Plan } from "../plan.ts";

/** What displaces defaults, or stands before them, as a read shows it: a debt that somebody wishes. */
export interface DisplacementLook {
  readonly debt: string;
  readonly family: IpFamily;
  readonly table: number;
  /** Name of the interface that it leaves by; the route's type where it leaves by none. */
  readonly over: string;
  /** What it and what it displaced leave by. */
  readonly interfaces: readonly number[];
  /** Nothing of ours is missing that is wished now, and nothing that it displaced has come back. */
  readonly complete: boolean;
  /** All of ours is there. It need not be wished: its interface may be down, or a newer lease stand before it. */
  readonly stands: boolean;
  /** A text that is the same as long as the defaults of others beside it are, those that it displaced aside. */
  readonly others: string;
}

/** How everything stands that displaces defaults and has been begun with. Pure. */
export function lookAtDisplacements(plan: Plan, context: DebtContext): readonly DisplacementLook[] {
  const repaired = repairedDebts(plan, context.tag);
  return context.journal.openDebts
    .filter(({ displaced }) => plan.wished.has(displaced.debt))
    .map((debt) => {
      const { displaced } = debt;
      const { family, table } = displaced;
      const taken = takenPlaces(displaced).flatMap((at) => displaced.defaults[at]?.route ?? []);
      const ours = replacementsOf(debt);
      const [first = 0] = ours.flatMap(interfacesOfRoute);
      const standing = standingIn(context, family, table).map(({ route }) => route);
      const others = standing
        .filter(({ protocol }) => protocol !== context.tag)
        .filter((route) => !taken.some((one) => isSameDefault(one, route)))
        .map(({ prefix, metric, gateway, nexthops, interfaceIndex }) => {
          const legs = nexthops.map((leg) => [leg.gateway, leg.interfaceIndex]);
          return JSON.stringify([prefix, metric, gateway, interfaceIndex, legs]);
        });
      return {
        debt: displaced.debt,
        family,
        table,
        over: context.interfaces.get(first)?.name ?? ours[0]?.type ?? "nothing",
        interfaces: [...new Set([...ours, ...taken].flatMap(interfacesOfRoute))],
        complete: !repaired.has(displaced.debt),
        stands: ours.every((route) =>
          standing.some((one) => isOfDebt(one, debt) && isSameDefault(one, route)),
        ),
        others: others.sort().join(),
      };
    });
}
