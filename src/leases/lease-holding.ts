import type { IpFamily } from "../network/address.ts";
import type { DefaultRoute } from "../network/route.ts";
import type { JournalPort } from "../routes/journal-port.ts";
import type { RouteKeeper } from "../routes/route-keeper.ts";
import type { Binding, LeasableLink } from "./binding.ts";
import type { BindingChange } from "./binding-change.ts";
import type { Lease, LeaseOwner } from "./lease.ts";
import type { AskedWish, LeaseLimits } from "./lease-terms.ts";

/** What leases are made from. */
export interface LeasesOptions {
  readonly keeper: Pick<RouteKeeper, "setLeased" | "views">;
  readonly journal: JournalPort;
  readonly links: () => ReadonlyMap<number, LeasableLink>;
  /** The routes by which unbound packets of a family leave now, by the kernel's own word. */
  readonly readCarriers: (family: IpFamily) => Promise<readonly DefaultRoute[]>;
  /** Has the routes follow the network as it is known now. */
  readonly follow: () => Promise<void>;
  /** Table of slot 0; null where there are no tables. */
  readonly tableBase: number | null;
  readonly newId: () => string;
  /** In ms since the epoch. */
  readonly now: () => number;
  /** In ms since boot, time asleep included. */
  readonly uptimeMs: () => number;
  /** Told of all that happens to leases. */
  readonly onNews: (news: LeaseNews) => void;
  /** Told of what could not be undone or written down. */
  readonly onTrouble: (error: unknown) => void;
  readonly limits?: LeaseLimits;
}

export type ReleaseCause = "claimed" | "stopping" | "ended" | "expired" | "unread";

/** Something happened to a lease. */
export type LeaseNews =
  | { readonly kind: "granted"; readonly lease: Lease; readonly reclaimed: boolean }
  | { readonly kind: "changed"; readonly lease: Lease; readonly change: BindingChange }
  | { readonly kind: "left"; readonly lease: Lease }
  | { readonly kind: "released"; readonly lease: Lease; readonly because: ReleaseCause };

/** What the holder of a lease is told over its connection. */
export type HolderNews =
  | {
      readonly kind: "changed";
      readonly change: BindingChange;
      readonly bindings: readonly Binding[];
    }
  | {
      readonly kind: "released";
      readonly because: "claimed" | "stopping";
      readonly bindings: readonly Binding[];
    };

/** A lease in the hands of one connection. */
export interface HeldLease {
  readonly lease: Lease;
  readonly reclaimed: boolean;
  bindings(): readonly Binding[];
  /** Has the holder told of what happens from now on. */
  follow(listener: (news: HolderNews) => void): void;
  /** The connection is over: the lease ends, or its time begins to run. */
  leave(cause?: "unread"): void;
}

/** A lease as it is shown. */
export interface LeaseView {
  readonly lease: Lease;
  readonly bindings: readonly Binding[];
  readonly connected: boolean;
  /** In ms since the epoch; null while it is connected. */
  readonly endsAt: number | null;
}

/** All leases. Disposing of it tells the holders, and ends all. */
export interface Leases extends AsyncDisposable {
  /**
   * Grants a lease when its routes stand.
   *
   * @throws LeaseError; then nothing of it is left
   */
  request(asked: AskedWish, terms: LeaseTerms): Promise<HeldLease>;
  /** The network or the routes may have changed. */
  look(): void;
  /** Whether a lease is about this interface, or waits for it. */
  concerns(interfaceName: string): boolean;
  list(): readonly LeaseView[];
}

export interface LeaseTerms {
  readonly ttlMs: number;
  /** An earlier lease of the same user to be taken over. */
  readonly claim: string | null;
  readonly owner: LeaseOwner;
}
