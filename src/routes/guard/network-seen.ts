import type { IpFamily } from "../../network/address.ts";
import type { NetworkInterface } from "../../network/interface.ts";
import type { DefaultRoute } from "../../network/route.ts";
import type { RecordedDefault } from "../../platform/route-control.ts";

/** The defaults of one family as the monitor sees them. */
export interface FamilySeen {
  /** What carries an unbound packet, or null when nothing does. */
  readonly effective: { readonly route: DefaultRoute } | null;
  /** Every route of prefix length 0 to 7 that stands, dead ones too. */
  readonly candidates: readonly {
    readonly route: DefaultRoute;
    /** `expired` is the only word that is understood here: the kernel lists such a default and does not use it. */
    readonly lostBecause: string | null;
  }[];
}

/** One look at a host: the monitor's state, and the kernel's own bytes for the defaults that it lists. */
export interface NetworkSeen {
  readonly interfaces: ReadonlyMap<number, NetworkInterface>;
  readonly defaults: Readonly<Record<IpFamily, FamilySeen>>;
  /** As last read; a default without a record can be missed, but not put back. */
  readonly records: readonly RecordedDefault[];
}

/** The routes of a family that are in force, expired ones left out. */
export function standingRoutes(seen: NetworkSeen, family: IpFamily): readonly DefaultRoute[] {
  return seen.defaults[family].candidates
    .filter(({ lostBecause }) => lostBecause !== "expired")
    .map(({ route }) => route);
}
