import type { IpFamily } from "../../network/address.ts";
import type { JournalFact } from "../journal/record.ts";

/** A lease's wish that the unbound packets of one family leave by an interface. */
export interface LeasedDefault {
  readonly lease: string;
  readonly family: IpFamily;
  readonly interfaceName: string;
  /** Null for what is known, or for the link itself where it has no neighbours. */
  readonly gateway: string | null;
  /**
   * `metric`: a default that wins by its metric; `split`: two halves that win by their length; `displace`: the
   * others are taken away meanwhile.
   */
  readonly mode: "metric" | "split" | "displace";
  /** What the packets do when the interface dies before the lease: go as before, or nowhere. */
  readonly onLost: "restore" | "block";
  /** Addresses that must go on being reached by the uplink: the servers of the tunnel. */
  readonly endpoints: readonly string[];
  /** It has stood: that it cannot be made anew does not end its block. */
  readonly granted: boolean;
  readonly by: Extract<JournalFact, { readonly kind: "displaced" }>["by"];
}

/** A default of a lease as it stands. */
export interface LeasedView {
  readonly lease: string;
  readonly family: IpFamily;
  /**
   * `covered`: a newer lease stands before it; `lost`, `blocked`: its interface is gone or down, and packets go as
   * before, or nowhere; `outranked`: another default wins; `refused`: it cannot be made.
   */
  readonly state: "stands" | "in-work" | "covered" | "lost" | "blocked" | "outranked" | "refused";
  /** Null when there is nothing to add. */
  readonly reason: string | null;
  readonly interfaceIndex: number | null;
  readonly gateway: string | null;
}

/** What the leases wish of routes, all together; replaced as a whole. */
export interface LeasedWishes {
  /** By name, the families in which an interface gets a scoped default whatever the configuration says. */
  readonly uplinks: ReadonlyMap<string, ReadonlySet<IpFamily>>;
  /** Families in which the best uplink gets one, whichever it is. */
  readonly bestUplinks: ReadonlySet<IpFamily>;
  /** Oldest first: of each family the newest stands. */
  readonly defaults: readonly LeasedDefault[];
}

export const noLeasedWishes: LeasedWishes = {
  uplinks: new Map(),
  bestUplinks: new Set(),
  defaults: [],
};

/** Names of the debts of a lease in a family. */
export function debtNames({ lease, family }: Pick<LeasedDefault, "lease" | "family">): {
  readonly main: string;
  /** When the first was undercut. */
  readonly again: string;
  /** What refuses packets when the interface is gone. */
  readonly block: string;
  readonly blockAgain: string;
} {
  const main = `lease ${lease} ${family}`;
  return { main, again: `${main} 2`, block: `${main} block`, blockAgain: `${main} block 2` };
}

/** Whether a debt was made by a lease. */
export function isDebtOfLease(debt: string): boolean {
  return debt.startsWith("lease ");
}
