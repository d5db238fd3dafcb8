import type { IpFamily } from "../network/address.ts";
import type { NetworkInterface } from "../network/interface.ts";
import type { Packet } from "../network/packet.ts";
import type { Prefix } from "../network/prefix.ts";
import type { RouteType } from "../network/route.ts";

/** Both ends belong to the range. */
export interface NumberRange {
  readonly first: number;
  readonly last: number;
}

/** An interface that a rule names. The rule stays when it goes. */
export interface RuleInterface {
  readonly name: string;
  /** Null while there is no interface of that name. */
  readonly index: number | null;
}

export type RuleAction =
  | { readonly kind: "lookup"; readonly table: number }
  /** The table of the VRF that the packet's interface belongs to. */
  | { readonly kind: "lookup-vrf" }
  /** `to` is null while no rule has the preference that the jump names. */
  | { readonly kind: "goto"; readonly target: number; readonly resolved: boolean }
  | { readonly kind: "nop" }
  | { readonly kind: "refuse"; readonly type: "unreachable" | "blackhole" | "prohibit" };

/** One rule of the routing policy (ip-rule(8)). A selector that is null selects everything. */
export interface RoutingRule {
  readonly preference: number;
  readonly inverted: boolean;
  readonly source: Prefix | null;
  readonly destination: Prefix | null;
  readonly arrivesOn: RuleInterface | null;
  readonly boundTo: RuleInterface | null;
  readonly mark: { readonly value: number; readonly mask: number } | null;
  readonly uids: NumberRange | null;
  /** The whole byte; the bits that count are told apart by `mask`. */
  readonly tos: { readonly value: number; readonly mask: number } | null;
  readonly protocol: number | null;
  readonly sourcePorts: NumberRange | null;
  readonly destinationPorts: NumberRange | null;
  readonly action: RuleAction;
  /** An answer of this prefix length or a shorter one does not count. */
  readonly suppressPrefixLength: number | null;
  /** An answer over an interface of this group does not count. */
  readonly suppressGroup: number | null;
  /** Who made the rule: `kernel`, `static`, or a number in text. */
  readonly protocolName: string | null;
  /** Who is known to use such a preference: `wg-quick`. */
  readonly owner: string | null;
  /** Attributes that netwatch has no word for: they may select. */
  readonly unknown: readonly number[];
}

/** One way that a route can send a packet. */
export interface RouteWay {
  readonly gateway: string | null;
  readonly interfaceIndex: number;
  readonly weight: number;
  readonly onlink: boolean;
  /** The link has no carrier. */
  readonly linkdown: boolean;
  /** Out of use: its link is down, or has no carrier and is set to be passed over then. */
  readonly dead: boolean;
}

/** A route whose prefix holds the destination. */
export interface CoveringRoute {
  readonly table: number;
  readonly prefix: Prefix;
  /** IPv6: for packets from these addresses only. */
  readonly sourcePrefix: Prefix | null;
  readonly type: RouteType;
  readonly metric: number;
  readonly tos: number;
  /** Who made it: `dhcp`, or a number in text. */
  readonly protocol: string;
  /** Source address that it prefers. */
  readonly source: string | null;
  readonly pref: "low" | "medium" | "high" | null;
  /** Its lifetime is over, though it still stands in the table. */
  readonly expired: boolean;
  readonly nexthopId: number | null;
  /** macOS: index of the interface whose bound sockets alone it serves. */
  readonly scope: number | null;
  /** macOS: made for one host (RTF_HOST), not for a net that happens to have one address. */
  readonly isHost: boolean;
  readonly ways: readonly RouteWay[];
}

/** An interface as far as routing looks at it. */
export interface RoutingLink extends NetworkInterface {
  readonly group: number;
  /** Has neighbours that are found by asking the link (ARP, neighbour discovery). */
  readonly hasNeighbours: boolean;
  /** The VRF that it belongs to, or that it is. */
  readonly vrf: { readonly index: number; readonly table: number } | null;
  /** Where an encapsulating tunnel sends what goes into it, as far as the link tells. */
  readonly tunnelTo: string | null;
}

/** What the kernel itself says of the packet. */
export type KernelAnswer =
  | {
      readonly kind: "route";
      readonly type: RouteType;
      readonly interfaceIndex: number | null;
      readonly gateway: string | null;
      readonly source: string | null;
      /** Null when no table holds the route: the kernel takes the destination to be on the link. */
      readonly table: number | null;
      /** The entry of the table that was used; null when none was. */
      readonly entry: CoveringRoute | null;
    }
  /** `code` is the errno's name. */
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

/** How answers that come in by an interface are checked (IPv4 only; ip-sysctl: rp_filter). */
export interface ReversePathFilter {
  readonly mode: "off" | "strict" | "loose";
  /** The packet's mark counts in the check, too (src_valid_mark). */
  readonly marks: boolean;
}

/** Reads what decides where a packet goes, and asks the system itself. Changes nothing, and needs no rights. */
interface Inquiry extends AsyncDisposable {
  /**
   * Every interface by its index.
   *
   * @throws PlatformError
   */
  readLinks(signal: AbortSignal): Promise<ReadonlyMap<number, RoutingLink>>;
}

/** A system that decides by rules, each with its table: Linux. */
export interface RuleInquiry extends Inquiry {
  readonly kind: "rules";

  /**
   * The rules of a family in the order in which they are tried.
   *
   * @throws PlatformError
   */
  readRules(family: IpFamily, signal: AbortSignal): Promise<readonly RoutingRule[]>;

  /**
   * The routes of a table whose prefix holds the destination, in the kernel's order; of any others nothing is kept.
   *
   * @throws PlatformError
   */
  readCovering(
    table: number,
    destination: string,
    signal: AbortSignal,
  ): Promise<readonly CoveringRoute[]>;

  /** @throws PlatformError when the system does not understand the question */
  ask(packet: Packet): KernelAnswer;

  /** Null where it cannot be read. */
  readReversePathFilter(interfaceName: string): ReversePathFilter | null;

  /** Whether packets that come in by an interface are passed on; null where it cannot be read. */
  readForwarding(family: IpFamily, interfaceName: string): boolean | null;
}

/** A system with one table for each family, in which routes can be for the sockets of one interface alone: macOS. */
export interface ScopeInquiry extends Inquiry {
  readonly kind: "scopes";

  /**
   * The routes whose prefix holds the destination, scoped ones among them; of any others nothing is kept.
   *
   * @throws PlatformError
   */
  readCovering(destination: string, signal: AbortSignal): Promise<readonly CoveringRoute[]>;

  /** @throws PlatformError when the system does not understand the question, or does not answer */
  ask(packet: Packet, signal: AbortSignal): Promise<KernelAnswer>;
}

export type RouteInquiry = RuleInquiry | ScopeInquiry;
