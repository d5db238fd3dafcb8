import type { DefaultRoute } from "../network/route.ts";

/** Who asked the kernel for a change, as far as its message tells. */
export interface Requester {
  /** Netlink port id in the message's header; 0 is the kernel itself. */
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
}
