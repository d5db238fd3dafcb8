import type { IpFamily } from "./address.ts";
import type { NetworkInterface } from "./interface.ts";
import type { DefaultRoute } from "./route.ts";

/** What the kernel has and what it answers, for one family. */
export interface FamilyDefaults {
  /** Every route of prefix length 0 to 7 in the tables that unbound packets can reach, in the kernel's order. */
  readonly routes: readonly DefaultRoute[];
  /**
   * The kernel's own answer for one address in each half of the family, unmarked and unbound: the route that
   * would carry the packet, or null where nothing would. More than one distinct answer means a split.
   */
  readonly answers: readonly (DefaultRoute | null)[];
}

/** What a host's network is, as last read. Values are replaced, never changed. */
export interface NetworkState {
  readonly interfaces: ReadonlyMap<number, NetworkInterface>;
  readonly defaults: Readonly<Record<IpFamily, FamilyDefaults>>;
}

const emptyFamilyDefaults: FamilyDefaults = { routes: [], answers: [] };

export const emptyNetworkState: NetworkState = {
  interfaces: new Map(),
  defaults: { ipv4: emptyFamilyDefaults, ipv6: emptyFamilyDefaults },
};
