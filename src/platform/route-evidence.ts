import type { IpFamily } from "../network/address.ts";
import type { DefaultRoute } from "../network/route.ts";

/** Who asked the kernel for a change, as far as its message tells. */
export interface Requester {
  /** Netlink port id in the message's header, or the process id on macOS; 0 is the kernel itself. */
  readonly portId: number;
  /** Resolved when the message came: a short-lived `ip` is gone in milliseconds. Null when it could not be. */
  readonly pid: number | null;
  /** Name of the program, never its arguments: those can hold secrets. */
  readonly command: string | null;
}

/**
 * What a message said about a default. It explains a change and never stands for the state: a message can be lost,
 * and many changes come without one.
 */
export interface RouteEvidence {
  /** In ms since the epoch. */
  readonly at: number;
  readonly action: "added" | "replaced" | "removed";
  readonly route: DefaultRoute;
  readonly requester: Requester;
  /**
   * The interface, where the route is the scoped default of one. It says nothing of unscoped defaults then. Only
   * systems whose scoped defaults are routes name it.
   */
  readonly scopedTo?: number;
}

/** A rule of our tag is gone. It stands for no state, as no evidence does. */
export interface RuleRemoval {
  /** In ms since the epoch. */
  readonly at: number;
  readonly family: IpFamily;
  readonly preference: number;
  readonly requester: Requester;
}

/**
 * What a message said about a part of a scoped default of ours: a rule or a route of our tag that was removed, or
 * that somebody else's replaced. Like all evidence it stands for no state.
 */
export interface ScopedEvidence {
  /** In ms since the epoch. */
  readonly at: number;
  readonly part: "rule" | "route";
  readonly family: IpFamily;
  /** By the rule's preference or the route's table; null where a system has no slots. */
  readonly slot: number | null;
  /** Null when the message names no interface, as a rule's does not that is detached. */
  readonly interfaceIndex: number | null;
  /** Protocol of what stands there instead (`bird`, or a number in text); null for a plain removal. */
  readonly replacedBy: string | null;
  readonly requester: Requester;
}
