import type { IpFamily } from "../../network/address.ts";
import type { Requester } from "../../platform/route-evidence.ts";

/** One scoped default: an uplink and a family. */
export interface ScopedKey {
  readonly family: IpFamily;
  readonly interfaceIndex: number;
}

/** Who takes our rules or routes away, as far as messages tell. */
export interface Opponent {
  readonly requester: Requester;
  /** Protocol of what it put in their place, or null. */
  readonly protocol: string | null;
}

/** What is told of one thing that is looked after. */
export type HealEvent =
  | {
      /** Somebody undid it, or a part of it. */
      readonly kind: "undone";
      readonly by: Opponent;
      /** How many times within the last minute, this one included. */
      readonly undos: number;
    }
  | {
      /** Netwatch stops repairing it: somebody else wants it otherwise. */
      readonly kind: "fight";
      /** Each once, the newest first. */
      readonly opponents: readonly Opponent[];
      /** Who, as a sentence, and when netwatch goes on. */
      readonly meaning: string;
    }
  | {
      /** The fight is over; it is repaired again. */
      readonly kind: "resumed";
      readonly because: "network-changed" | "requested";
    };

export type SelfHealEvent = ScopedKey & HealEvent;
