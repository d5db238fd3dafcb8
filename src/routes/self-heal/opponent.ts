import { nameRequester } from "../guard/requester.ts";
import type { Opponent } from "./self-heal-event.ts";

/** Who it is, for a person: by command and pid, else by the protocol that it marks its routes with. */
function nameOpponent({ requester, protocol }: Opponent): string {
  if (requester.command === null && requester.pid === null)
    return protocol === null
      ? `a program that cannot be named any more (netlink port ${requester.portId})`
      : `a program whose routes are marked "${protocol}"`;
  return nameRequester(requester);
}

/** Each program once, the newest first. */
export function distinctOpponents(opponents: readonly Opponent[]): readonly Opponent[] {
  const known = new Map<string, Opponent>();
  for (const opponent of opponents.toReversed()) {
    const { command, pid } = opponent.requester;
    // A program that is started anew for each removal has another pid each time, and another port.
    const key = command ?? opponent.protocol ?? (pid === null ? "" : String(pid));
    if (!known.has(key)) known.set(key, opponent);
  }
  return [...known.values()];
}

/** The sentence of a fight over a scoped default. */
export function describeFight(opponents: readonly Opponent[], undos: number): string {
  return `${namesOf(opponents)} took it away ${undos} times within a minute; it is left alone until a link or the default changes, or until it is installed by hand`;
}

/** The sentence of a fight over a default that displaces others. */
export function describeDisplacementFight(opponents: readonly Opponent[], undos: number): string {
  return `${namesOf(opponents)} took it away, or put another before it, ${undos} times within a minute; it is left alone until a link or another default changes, or until it is asked for again`;
}

function namesOf(opponents: readonly Opponent[]): string {
  return opponents.map(nameOpponent).join(" and ");
}
