import { type Random, seededRandom } from "../routes/journal/memory-directory.ts";
import { type Furniture, furnish } from "./furniture.ts";
import type { AskedLease, Deed, Life, WishedDefault } from "./life.ts";
import { otherPeoplesChange } from "./world-change.ts";

/** A host, and the processes that live and die on it one after the other, all from one number. */
export interface Scenario {
  readonly seed: number;
  /** Lines for `ip` that make the host. */
  readonly furniture: readonly string[];
  readonly lives: readonly Life[];
}

export function crashScenario(seed: number): Scenario {
  const random = seededRandom(seed);
  const furniture = furnish(random);
  const lives: Life[] = [];
  const count = oneOf(random, [1, 1, 1, 2, 2, 3]);
  for (let at = 0; at < count; at += 1) lives.push(someLife(random, furniture, at === 0));
  return { seed, furniture: furniture.lines, lives };
}

function someLife(random: Random, furniture: Furniture, isFirst: boolean): Life {
  const as = !isFirst && random(2) === 0 ? "restore" : random(4) === 0 ? "daemon" : "keeper";
  const deeds =
    as === "restore"
      ? []
      : as === "daemon"
        ? daemonDeeds(random, furniture, isFirst)
        : keeperDeeds(random, furniture, isFirst);
  return {
    as,
    deeds,
    seed: random(0x7fff_ffff),
    odds: oneOf(random, as === "restore" ? [4, 12, 30] : [20, 40, 80, 160]),
    journalLimitBytes: oneOf(random, [3_000, 8_000, 1_000_000]),
  };
}

function keeperDeeds(random: Random, furniture: Furniture, isFirst: boolean): readonly Deed[] {
  // Early, for later few are alive any more.
  const deeds: Deed[] = random(4) === 0 ? [{ do: "rotate" }] : [];
  let wished = 0;
  for (let left = 2 + random(6); left > 0; left -= 1) {
    const kind = random(12);
    if (kind < 5) {
      const wishes = random(4) === 0 ? [] : someWishes(random);
      wished = wishes.length;
      deeds.push({ do: "displace", wishes });
    } else if (kind < 8) {
      // Only while nothing is owed is it plain what a change by others must have led to.
      if (wished === 0) deeds.push(otherPeoplesChange(random, furniture, isFirst));
    } else if (kind === 8) deeds.push({ do: "rotate" });
    else if (kind === 9) deeds.push({ do: "restore" });
    else deeds.push(byHand(random, furniture));
  }
  if (random(3) === 0) deeds.push({ do: "stop", onStop: random(2) === 0 ? "keep" : "remove" });
  return deeds;
}

function daemonDeeds(random: Random, furniture: Furniture, isFirst: boolean): readonly Deed[] {
  const deeds: Deed[] = [];
  let held = false;
  for (let left = random(7); left > 0; left -= 1) {
    const kind = random(10);
    if (kind < 4) {
      deeds.push({ do: "lease", lease: someLease(random) });
      held = true;
    } else if (kind === 4) {
      deeds.push({ do: "release" });
      held = false;
    } else if (kind < 7 && !held) deeds.push(otherPeoplesChange(random, furniture, isFirst));
    else if (kind === 7) deeds.push({ do: "world", ip: ["link set tun0 down"] });
    else deeds.push(kind === 8 ? byHand(random, furniture) : { do: "restore" });
  }
  if (random(2) === 0) deeds.push({ do: "stop", onStop: "remove" });
  return deeds;
}

function someLease(random: Random): AskedLease {
  return {
    mode: oneOf(random, ["metric", "split", "displace", "displace"]),
    families: oneOf(random, [["ipv4"], ["ipv6"], ["ipv4", "ipv6"]] as const),
    endpoints: oneOf(random, [[], ["203.0.113.5"], ["203.0.113.5", "2001:db8:5::1"]]),
    onLost: oneOf(random, ["restore", "block"]),
    stack: random(2) === 0,
  };
}

function byHand(random: Random, { names }: Furniture): Deed {
  return { do: random(2) === 0 ? "install" : "remove", interfaceName: oneOf(random, names) };
}

/** Like a lease, a wish never changes: another metric is another wish. */
function someWishes(random: Random): readonly WishedDefault[] {
  const wishes: WishedDefault[] = [];
  const wish = (family: WishedDefault["family"], gateway: string, metric: number): void =>
    void wishes.push({ id: `${gateway} metric ${metric}`, family, gateway, metric });
  if (random(3) > 0) wish("ipv4", "10.9.0.1", oneOf(random, [0, 50, 100, 100, 700]));
  // A second one of the same family takes what the first has left.
  if (random(3) === 0) wish("ipv4", "10.9.0.5", 800);
  if (random(3) > 0) wish("ipv6", "fd09::1", oneOf(random, [512, 1024, 4000]));
  return wishes;
}

/** Any of the values. */
function oneOf<Value>(random: Random, values: readonly Value[]): Value {
  const value = values[random(values.length)];
  if (value === undefined) throw new RangeError("nothing to choose from");
  return value;
}
