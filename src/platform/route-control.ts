import type { IpFamily } from "../network/address.ts";
import type { InterfaceKind } from "../network/interface.ts";
import type { DefaultRoute, NextHop } from "../network/route.ts";

/** Names one running kernel's one network namespace: what is recorded of another pair is history. */
export interface KernelIdentity {
  readonly bootId: string;
  /** SO_NETNS_COOKIE in decimal; "0" where a system has no namespaces. */
  readonly namespaceCookie: string;
}

/** An interface as a record names it: indexes and names are reused, so none of them identifies it alone. */
export interface InterfaceIdentity {
  readonly index: number;
  readonly name: string;
  readonly mac: string | null;
  readonly kind: InterfaceKind;
}

/**
 * A default for the sockets bound to one interface, however the system makes it: a pair of rules and a table on
 * Linux, a scoped route on macOS.
 */
export interface ScopedDefault {
  readonly family: IpFamily;
  readonly interfaceIndex: number;
  readonly interfaceName: string;
  /**
   * Place among ours, 0 to 49; on Linux it gives the rules' preferences and the table. What macOS reads back is the
   * interface's index: there is one scoped default for each.
   */
  readonly slot: number;
  /** Null for a point-to-point link. */
  readonly gateway: string | null;
  readonly onlink: boolean;
  readonly source: string | null;
  readonly mtu: number | null;
  /** Two or more legs over this interface, or empty. */
  readonly nexthops: readonly NextHop[];
  /**
   * `pair`: on-link neighbours are found by looking through main first. `throw`: main holds a route that refuses
   * everything, so the table names the connected prefixes itself.
   */
  readonly form: "pair" | "throw";
  /** Connected prefixes of the interface, `10.0.0.0/24`: what `throw` names. Empty for `pair`. */
  readonly connected: readonly string[];
  /** Addresses whose replies shall leave by this interface too; empty unless asked for. */
  readonly replyAddresses: readonly string[];
}

/** Where scoped defaults stand on a system that has rules and tables, and how all that is ours is marked. */
export interface ScopedPlaces {
  readonly preferenceBase: number;
  readonly tableBase: number;
  readonly protocol: number;
}

/** What of ours stands in the kernel. */
export interface FoundScoped {
  /** As far as it can be read back; what is missing stands as null or empty. */
  readonly entry: ScopedDefault;
  /** Every part stands, in order, and nothing else of our tag in that slot. */
  readonly complete: boolean;
  /** The interface that it leads over, where somebody has led it away from its own. */
  readonly hijackedOver?: number;
}

/**
 * A default with what the kernel itself said of it, so that attributes that we do not know survive. To add one,
 * `route` counts where it says something else than `raw` (another interface index, gateway, source, protocol,
 * lifetime, no nexthop object); `raw` gives what `route` has no word for.
 */
export interface RecordedDefault {
  /** A default of ours carries our tag as `protocol`. */
  readonly route: DefaultRoute;
  /**
   * The body of the kernel's own message, with what is momentary (dead, linkdown, offload, cacheinfo) taken out;
   * empty for a route that never stood.
   */
  readonly raw: Uint8Array;
}

/** Why a scoped default would not do what it promises, or cannot be made. */
export type Obstacle =
  /** `lookup local` does not stand below ours, as with VRFs: the host's own addresses would leave on the wire. */
  | { readonly kind: "local-rule-moved"; readonly family: IpFamily }
  /** Somebody else's rule or table stands where this slot's would. */
  | {
      readonly kind: "slot-taken";
      readonly family: IpFamily;
      readonly slot: number;
      readonly by: string;
    }
  /** Main holds an unreachable, blackhole or prohibit route of length 7 or less. */
  | {
      readonly kind: "kill-switch";
      readonly family: IpFamily;
      readonly prefix: string;
      readonly type: string;
    }
  /** Strict reverse path filtering drops the answers (max of all and the interface is 1). */
  | { readonly kind: "rp-filter-strict"; readonly interfaceIndex: number }
  /** A rule before ours decides first for these sockets. */
  | {
      readonly kind: "shadowed";
      readonly family: IpFamily;
      readonly preference: number;
      /** The rule as `ip rule` would print it, and whose it is known to be. */
      readonly by: string;
      readonly remedy: string;
      /** The one interface whose sockets it decides for; absent when it does for others, too. */
      readonly oif?: string;
      /** Indexes of the interfaces whose sockets it decides for; absent when it does for all. */
      readonly over?: readonly number[];
    };

/** A host route (/32, /128) over an interface's gateway, as a VPN makes for its server. */
export interface PinnedHost {
  readonly family: IpFamily;
  readonly destination: string;
  readonly gateway: string;
  readonly interfaceIndex: number;
}

/** A scoped default that the system or another program keeps for an interface. */
export interface ForeignScoped {
  readonly family: IpFamily;
  readonly interfaceIndex: number;
  readonly gateway: string | null;
}

/** A route of ours to one address, outside of any tunnel. */
export interface HostRoute {
  readonly family: IpFamily;
  readonly destination: string;
  /** Null for a link without neighbours. */
  readonly gateway: string | null;
  readonly interfaceIndex: number;
  /** The gateway is taken to be on the link, whatever the addresses say. */
  readonly onlink: boolean;
}

/** A rule that sends unbound packets into another table before main is looked into. */
export interface TableRule {
  readonly family: IpFamily;
  readonly preference: number;
  readonly table: number;
  /** The rule as `ip rule` would print it, and whose it is known to be. */
  readonly by: string;
}

/** Everything about routing that a plan is made from, read at one time. */
export interface RoutingReading {
  readonly scoped: readonly FoundScoped[];
  /**
   * Every default of prefix length 0 to 7 of each table that unbound packets reach, in order; the tables of our
   * scoped defaults excluded.
   */
  readonly defaults: readonly RecordedDefault[];
  readonly obstacles: readonly Obstacle[];
  /** Host routes of main over a gateway, when the platform looks for them. */
  readonly pinnedHosts?: readonly PinnedHost[];
  /** Scoped defaults that are not marked as ours, adopted ones too, where a system has such. */
  readonly foreignScoped?: readonly ForeignScoped[];
  /** Host routes with our mark; null when the table is too big to be read for them. Missing where there are none. */
  readonly ownHosts?: readonly HostRoute[] | null;
  /** Missing where the system has no such rules. */
  readonly tableRules?: readonly TableRule[];
}

/** How a system lets defaults stand beside one another. */
export interface RouteTraits {
  /**
   * Defaults have metrics, and those of other metrics stand side by side. Without, one default of a prefix stands at
   * a time, whatever its gateway, and every metric is 0.
   */
  readonly metrics: boolean;
  /** Families in which defaults of one key can stand one behind the other. In others a second one is refused. */
  readonly ordered: readonly IpFamily[];
  /**
   * What a scoped default is made of. `rules`: rules and a table, in a place that the caller chooses. `routes`: one
   * route for each interface, whose index is its place. The system keeps some of that kind itself, and unscoped
   * look-ups prefer that of the interface which holds the unscoped default: a wrong one there takes the whole host
   * offline.
   */
  readonly scoped: "rules" | "routes";
}

/** `conflict`: something else stands there already; nothing was changed. */
export type AddOutcome = "added" | "already-there" | "conflict";

/**
 * Changes a system's routing. Each method reads first and verifies by reading back; a lost answer is verified by
 * reading, never sent again blindly. Nothing is ever replaced that a caller has not named.
 */
export interface RouteControl extends AsyncDisposable {
  readonly traits: RouteTraits;

  identity(): KernelIdentity;

  /** @throws PlatformError */
  read(signal: AbortSignal): Promise<RoutingReading>;

  /**
   * Makes every part of it, the table before the rules, so that no socket sees it half. A part that stands
   * already is left; a wrong route in our own slot is replaced without a gap.
   *
   * @throws PlatformError
   */
  addScoped(entry: ScopedDefault, signal: AbortSignal): Promise<AddOutcome>;

  /**
   * Takes away whatever stands of it, rules before the table, each part by all its attributes. Succeeds when
   * nothing is left.
   *
   * @throws PlatformError
   */
  removeScoped(entry: ScopedDefault, signal: AbortSignal): Promise<void>;

  /**
   * Adds an unscoped default. `exclusive` refuses any of the same key; `append` and `prepend` stand it behind or
   * before those of the same key (IPv4).
   *
   * @throws PlatformError
   */
  addDefault(
    record: RecordedDefault,
    placement: "exclusive" | "append" | "prepend",
    signal: AbortSignal,
  ): Promise<AddOutcome>;

  /**
   * Deletes exactly this unscoped default, every attribute named.
   *
   * @throws PlatformError
   */
  removeDefault(record: RecordedDefault, signal: AbortSignal): Promise<"removed" | "already-gone">;

  /**
   * Adds a route of ours to one address; missing where the system cannot. `conflict`: somebody else has one to it.
   *
   * @throws PlatformError
   */
  addHost?(host: HostRoute, signal: AbortSignal): Promise<AddOutcome>;

  /**
   * Takes away exactly this route, with our mark.
   *
   * @throws PlatformError
   */
  removeHost?(host: HostRoute, signal: AbortSignal): Promise<"removed" | "already-gone">;

  /**
   * Takes away what was made in other places or with another mark: by an earlier configuration. Missing where a
   * system has no places.
   */
  formerly?(places: ScopedPlaces): Pick<RouteControl, "removeScoped" | "removeHost">;

  /** Asks the routers on a link to announce themselves (RFC 4861); their default comes by the kernel itself. */
  solicitRouters(interfaceIndex: number, signal: AbortSignal): Promise<void>;
}
