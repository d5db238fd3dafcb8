import { type DefaultRoute, interfacesOfRoute } from "../../network/route.ts";
import { type DebtContext, standingIn } from "../debt-context.ts";
import { describeDefault, hasSameKey, isSameDefault } from "../default-comparison.ts";
import type { DisplacementPlan } from "../displacement.ts";
import { identityOf } from "../journal/interface-identity.ts";
import type { OpenDebt } from "../journal/journal-state.ts";
import type { JournalFact } from "../journal/record.ts";
import type { DebtStep } from "../step.ts";

type DisplacedFact = Extract<JournalFact, { readonly kind: "displaced" }>;

/** The wish that routes of ours stand together beside those of others: all of them, or none. */
export interface OwnRoutesWish {
  /** Names the wish and the debt that it makes. */
  readonly id: string;
  /** Of one family and table, with our tag as their protocol. */
  readonly routes: readonly DefaultRoute[];
  /** Whether they shall stand behind others of ours with the same key. */
  readonly behindOurs: boolean;
  readonly by: DisplacedFact["by"];
  /** For a person: on whose behalf. */
  readonly reason: string;
}

/** The steps that make them stand. One record speaks of all, so that a crash leaves none of them for good. Pure. */
export function planOwnRoutes(
  wish: OwnRoutesWish,
  debt: OpenDebt | null,
  context: DebtContext,
): DisplacementPlan {
  const [first] = wish.routes;
  const none = { steps: [], view: null, nextAtUptimeMs: null, reason: null } as const;
  if (first === undefined) return { ...none, state: "stands" };
  const { interfaces, tag } = context;
  const standing = standingIn(context, first.family, first.table);
  const stands = (route: DefaultRoute): boolean =>
    standing.some((one) => one.route.protocol === tag && isSameDefault(one.route, route));
  const opening: readonly DebtStep[] =
    debt !== null
      ? []
      : [
          {
            kind: "open-debt",
            fact: factOf(wish, first, context),
            reason: `${describeDefault(first, interfaces)}: ${wish.reason}`,
          },
        ];
  const adds = wish.routes
    .filter((route) => !stands(route))
    .map((route): DebtStep => {
      const peers = standing.filter((one) => hasSameKey(one.route, route));
      return {
        kind: "add-default",
        debt: wish.id,
        record: { route, raw: new Uint8Array() },
        placement: placementAmong(peers, wish, route, context),
        deviation: null,
        reason: `${describeDefault(route, interfaces)}: ${wish.reason}`,
      };
    });
  const steps = [...opening, ...adds];
  return { ...none, state: steps.length === 0 ? "stands" : "in-work", steps };
}

function placementAmong(
  peers: readonly { readonly route: DefaultRoute }[],
  { behindOurs }: OwnRoutesWish,
  { family }: DefaultRoute,
  { traits, tag }: DebtContext,
): "exclusive" | "append" | "prepend" {
  if (peers.length === 0 || !traits.ordered.includes(family)) return "exclusive";
  return behindOurs && peers.some(({ route }) => route.protocol === tag) ? "append" : "prepend";
}

function factOf(
  { id, routes, by }: OwnRoutesWish,
  { family, table }: DefaultRoute,
  { interfaces }: DebtContext,
): DisplacedFact {
  const indexes = [...new Set(routes.flatMap(interfacesOfRoute))];
  return {
    kind: "displaced",
    debt: id,
    family,
    table,
    defaults: [],
    interfaces: indexes.flatMap((index) => {
      const link = interfaces.get(index);
      return link === undefined ? [] : [{ ...identityOf(link) }];
    }),
    by,
    taken: [],
    replacements: routes.map((route) => ({ ...route, nexthops: [...route.nexthops] })),
  };
}
