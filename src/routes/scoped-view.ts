import type { IpFamily } from "../network/address.ts";
import type { NetworkInterface } from "../network/interface.ts";
import type { Obstacle } from "../platform/route-control.ts";

/** A scoped default as `status` shows it. */
export interface ScopedView {
  readonly interface: string;
  readonly family: IpFamily;
  readonly gateway: string | null;
  /**
   * `degraded`: it stands and does not do all that it promises; `pending`: it cannot be made yet; `stale`: it
   * stood, and its link took it away; `fight`: somebody takes it away again and again.
   */
  readonly state: "installed" | "degraded" | "pending" | "stale" | "fight";
  /** It stood already when it was first looked at. */
  readonly adopted: boolean;
  /** Why it is not simply installed, and what to do about it; null when it is. */
  readonly reason: string | null;
}

/** What keeps an entry that stands from doing all that it promises, each with its remedy. */
export function degradations(
  link: NetworkInterface,
  family: IpFamily,
  replies: boolean,
  inferred: boolean,
  obstacles: readonly Obstacle[],
): readonly string[] {
  const reasons: string[] = [];
  for (const obstacle of obstacles) {
    if (obstacle.kind === "rp-filter-strict") {
      if (family === "ipv4" && obstacle.interfaceIndex === link.index && !replies)
        reasons.push(
          `rp-filter-strict: answers to sockets bound to ${link.name} are dropped; set net.ipv4.conf.${link.name}.rp_filter to 2, or replies = true in the configuration`,
        );
    } else if (obstacle.kind === "shadowed" && obstacle.family === family) {
      const { by, remedy, oif = link.name, over = [link.index] } = obstacle;
      const what = /^\d+: /.test(by) ? `rule ${by}` : by;
      if (oif === link.name && over.includes(link.index))
        reasons.push(`shadowed: ${what} decides first; ${remedy}`);
    }
  }
  if (inferred) reasons.push("inferred: the gateway is the one of a VPN's route to its server");
  return reasons;
}
