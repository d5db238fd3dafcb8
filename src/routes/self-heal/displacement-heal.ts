import type { IpFamily } from "../../network/address.ts";
import type { Requester, RouteEvidence } from "../../platform/route-evidence.ts";
import { isKernel } from "../guard/requester.ts";
import type { DisplacementHold, DisplacementWatcher } from "../held-displacement.ts";
import type { DisplacementLook } from "./displacement-look.ts";
import { createHealer, type Healer, type HealOptions } from "./healer.ts";
import { describeDisplacementFight } from "./opponent.ts";
import type { HealEvent } from "./self-heal-event.ts";

export type DisplacementEvent = HealEvent & {
  readonly debt: string;
  readonly family: IpFamily;
  /** Name of the interface that it leaves by; the route's type where it leaves by none. */
  readonly over: string;
};

export interface DisplacementHealOptions {
  readonly limits: HealOptions;
  /** The protocol that marks routes as ours, as `DefaultRoute.protocol` gives it. */
  readonly tag: string;
  /** A request of netwatch itself. */
  readonly isOurRequester: (requester: Requester) => boolean;
  /** A clock that stops while the host sleeps, in ms. */
  readonly awakeMs: () => number;
  readonly tell: (events: readonly DisplacementEvent[]) => void;
}

/**
 * Decides when a default that displaces others is put right, within the same limits as scoped defaults: somebody took
 * it away, or added again what it displaced. What was never there whole is not held back, and what nobody's message
 * explains does not wait: it may be wished otherwise than before. It owns no timer.
 */
export interface DisplacementHeal extends DisplacementWatcher {
  /** A message told of a change of a default. It explains what a look finds, and stands for nothing itself. */
  hear(evidence: RouteEvidence): void;
  /** An interface, its addresses or its carrier changed. */
  linkChanged(interfaceIndex: number): void;
  woke(): void;
  /** When to read and repair next if nothing else happens. */
  dueAt(): number | null;
}

interface Watched {
  readonly look: DisplacementLook;
  readonly healer: Healer;
  /** It was seen to stand. */
  readonly stood: boolean;
}

export function createDisplacementHeal(options: DisplacementHealOptions): DisplacementHeal {
  const { tag, isOurRequester, awakeMs } = options;
  const limits: HealOptions = { ...options.limits, unexplainedDelayMs: 0 };
  let watched: ReadonlyMap<string, Watched> = new Map();

  const tell = ({ look: { debt, family, over } }: Watched, events: readonly HealEvent[]): void => {
    if (events.length > 0) options.tell(events.map((event) => ({ debt, family, over, ...event })));
  };
  const follow = (isMeant: (look: DisplacementLook) => boolean): void => {
    for (const one of watched.values())
      if (isMeant(one.look)) tell(one, one.healer.follow(awakeMs()));
  };

  return {
    hear({ action, route, requester }) {
      if (isKernel(requester) || isOurRequester(requester)) return;
      const isOurs = route.protocol === tag;
      if ((action === "removed") !== isOurs) return;
      const protocol = isOurs ? null : route.protocol;
      for (const one of watched.values()) {
        const { family, table } = one.look;
        if (!one.stood || route.family !== family || route.table !== table) continue;
        tell(one, one.healer.hear({ requester, protocol }, awakeMs()));
      }
    },
    look(looks) {
      const now = awakeMs();
      const before = watched;
      watched = new Map(
        looks.map((look) => {
          const known = before.get(look.debt);
          const healer = known?.healer ?? createHealer(limits, describeDisplacementFight);
          return [look.debt, { look, healer, stood: look.stands || hasStood(known) }];
        }),
      );
      return [...watched.values()].flatMap((one): readonly DisplacementHold[] => {
        const { look, healer, stood } = one;
        const known = before.get(look.debt);
        if (!stood) return [];
        if (known !== undefined && known.look.others !== look.others) tell(one, healer.calm());
        tell(one, healer.look(look.complete, now));
        const kind = healer.mayRepair(now);
        if (look.complete || kind === "repair") return [];
        const reason = healer.fight()?.meaning ?? "somebody changed it a moment ago";
        return [{ debt: look.debt, reason }];
      });
    },
    repairing(debt) {
      const one = watched.get(debt);
      if (one?.stood === true) one.healer.repaired(awakeMs());
    },
    wished(debt) {
      const one = watched.get(debt);
      if (one !== undefined) tell(one, one.healer.resume());
    },
    linkChanged: (index) => follow(({ interfaces }) => interfaces.includes(index)),
    woke: () => follow(() => true),
    dueAt() {
      const now = awakeMs();
      const times = [...watched.values()].flatMap(({ healer }) => healer.dueAt(now) ?? []);
      return times.length === 0 ? null : Math.min(...times);
    },
  };
}

/** What was not wished for a while, and so did not stand, begins anew. */
function hasStood(known: Watched | undefined): boolean {
  if (known === undefined) return false;
  return known.stood && !(known.look.complete && !known.look.stands);
}
