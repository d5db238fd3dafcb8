import type { IpFamily } from "../../network/address.ts";
import type { Requester, ScopedEvidence } from "../../platform/route-evidence.ts";
import { isKernel } from "../guard/requester.ts";
import type { Hold } from "../plan-scoped.ts";
import { createHealer, type Fight, type Healer, type HealOptions, type Leave } from "./healer.ts";
import { describeFight } from "./opponent.ts";
import type { HealEvent, ScopedKey, SelfHealEvent } from "./self-heal-event.ts";

/** A scoped default that is wished and was installed, as a read shows it. */
export interface ScopedLook extends ScopedKey {
  /** Null where a system has no slots. */
  readonly slot: number | null;
  /** Every part of it stands. */
  readonly complete: boolean;
}

export interface SelfHealOptions {
  readonly limits: HealOptions;
  /** A request of netwatch itself. */
  readonly isOurRequester: (requester: Requester) => boolean;
}

/**
 * Decides when a scoped default that lost a part is put right: at once when the network moved, with patience when
 * somebody took the part away, and no more when somebody insists. Times are of one clock that stops while the
 * host sleeps, in ms. It owns no timer.
 */
export interface SelfHeal {
  /** A message told of a removal. It explains what a look finds, and stands for nothing itself. */
  hear(evidence: ScopedEvidence, now: number): readonly SelfHealEvent[];
  /** The scoped defaults were read. One that is not in the list is wished no more, and forgotten. */
  look(scoped: readonly ScopedLook[], now: number): readonly SelfHealEvent[];
  /** An interface, its addresses or its carrier changed. */
  linkChanged(interfaceIndex: number, now: number): readonly SelfHealEvent[];
  /** What carries unbound packets of a family changed. */
  defaultChanged(family: IpFamily, now: number): readonly SelfHealEvent[];
  woke(now: number): readonly SelfHealEvent[];
  /** The user asked for this one. */
  resume(key: ScopedKey): readonly SelfHealEvent[];
  /** To be asked before each repair; `repair` for what is not known to be broken. */
  mayRepair(key: ScopedKey, now: number): Leave;
  /** What a plan has to leave alone now, in the same terms as `mayRepair`. */
  holds(now: number): readonly Hold[];
  /** A repair begins, whatever comes of it. */
  repaired(key: ScopedKey, now: number): void;
  fightOver(key: ScopedKey): Fight | null;
  /** When to read and repair next if nothing else happens. */
  dueAt(now: number): number | null;
}

interface Watched {
  readonly key: ScopedKey;
  readonly slot: number | null;
  readonly healer: Healer;
}

export function createSelfHeal({ limits, isOurRequester }: SelfHealOptions): SelfHeal {
  let watched: ReadonlyMap<string, Watched> = new Map();

  const meant = ({ family, slot, interfaceIndex }: ScopedEvidence): Watched | undefined =>
    [...watched.values()].find(
      (one) =>
        one.key.family === family &&
        (slot === null ? one.key.interfaceIndex === interfaceIndex : one.slot === slot),
    );
  const follow = (isMeant: (key: ScopedKey) => boolean, now: number): readonly SelfHealEvent[] =>
    [...watched.values()]
      .filter(({ key }) => isMeant(key))
      .flatMap((one) => told(one, one.healer.follow(now)));

  return {
    hear(evidence, now) {
      const { requester, replacedBy } = evidence;
      if (isKernel(requester) || isOurRequester(requester)) return [];
      const one = meant(evidence);
      return told(one, one?.healer.hear({ requester, protocol: replacedBy }, now));
    },
    look(scoped, now) {
      const before = watched;
      watched = new Map(
        scoped.map(({ family, interfaceIndex, slot }) => {
          const key = { family, interfaceIndex };
          const healer = before.get(nameOf(key))?.healer ?? createHealer(limits, describeFight);
          return [nameOf(key), { key, slot, healer }];
        }),
      );
      return scoped.flatMap((look) => {
        const one = watched.get(nameOf(look));
        return told(one, one?.healer.look(look.complete, now));
      });
    },
    linkChanged: (index, now) => follow(({ interfaceIndex }) => interfaceIndex === index, now),
    defaultChanged: (changed, now) => follow(({ family }) => family === changed, now),
    woke: (now) => follow(() => true, now),
    resume(key) {
      const one = watched.get(nameOf(key));
      return told(one, one?.healer.resume());
    },
    mayRepair: (key, now) => watched.get(nameOf(key))?.healer.mayRepair(now) ?? "repair",
    repaired: (key, now) => watched.get(nameOf(key))?.healer.repaired(now),
    holds: (now) =>
      [...watched.values()].flatMap(({ key, healer }): Hold[] => {
        const kind = healer.mayRepair(now);
        if (kind === "repair") return [];
        const reason = healer.fight()?.meaning ?? "it was taken away a moment ago";
        return [{ ...key, kind, reason }];
      }),
    fightOver: (key) => watched.get(nameOf(key))?.healer.fight() ?? null,
    dueAt(now) {
      const times = [...watched.values()]
        .map(({ healer }) => healer.dueAt(now))
        .filter((time) => time !== null);
      return times.length === 0 ? null : Math.min(...times);
    },
  };
}

function told(
  one: Watched | undefined,
  events: readonly HealEvent[] | undefined,
): readonly SelfHealEvent[] {
  if (one === undefined || events === undefined) return [];
  return events.map((event) => ({ ...one.key, ...event }));
}

function nameOf({ family, interfaceIndex }: ScopedKey): string {
  return `${family} ${interfaceIndex}`;
}
