import type { Intentions } from "./reconcile.ts";

/**
 * What can be asked for without a daemon. `settle` brings back displaced defaults; `withdraw` takes the scoped ones
 * away as well; `restore` is both and clears what a lost journal has left behind: exactly as before.
 */
export type Verb = "settle" | "withdraw" | "restore";

/** A verb as what shall be. */
export function intentionsOf(verb: Verb): Intentions {
  return {
    scoped: verb === "settle" ? "untouched" : null,
    displacing: [],
    removeOrphans: verb === "restore",
    putBack: [],
    offerLastKnownGood: verb === "restore",
  };
}
