import type { IpFamily } from "../network/address.ts";
import type { NetworkInterface } from "../network/interface.ts";
import type { DefaultRoute } from "../network/route.ts";

/** An interface with the number of times that its name was given to a new device, 1 first. */
export interface TrackedInterface extends NetworkInterface {
  readonly generation: number;
}

/** How a default comes to carry packets: as itself, as a part of a split, or chosen by a rule. */
export type DefaultVia = "default" | "split" | "rule";

/** Why a route that could carry unbound packets does not. */
export type LossReason =
  | "higher-metric"
  | "later-position"
  | "lower-pref"
  | "linkdown"
  | "interface-down"
  | "expired"
  | "error-type"
  | "split"
  | "rule"
  | "not-chosen";

export interface EffectiveDefault {
  readonly route: DefaultRoute;
  readonly via: DefaultVia;
}

export interface CandidateDefault {
  readonly route: DefaultRoute;
  /** Null for what carries packets: the effective one, and the other part of a split. */
  readonly lostBecause: LossReason | null;
}

export interface DefaultsView {
  /** What carries an unbound packet to the internet, or null when nothing does. */
  readonly effective: EffectiveDefault | null;
  /** Best first, the effective one included. */
  readonly candidates: readonly CandidateDefault[];
}

/** What the monitor publishes: the state as read, with what follows from it. Replaced, never changed. */
export interface HostState {
  readonly interfaces: ReadonlyMap<number, TrackedInterface>;
  readonly defaults: Readonly<Record<IpFamily, DefaultsView>>;
}
