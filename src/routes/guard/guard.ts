import { type IpFamily, ipFamilies } from "../../network/address.ts";
import type { RouteEvidence } from "../../platform/route-evidence.ts";
import { createFamilyGuard, type FamilyGuard } from "./family-guard.ts";
import type { GuardDecision, RestoreWish } from "./guard-event.ts";
import type { GuardOptions } from "./guard-options.ts";
import type { NetworkSeen } from "./network-seen.ts";

/**
 * Looks after the defaults of a host, each family on its own, so that none disappears without a word. Times are
 * of one clock that stops while the host sleeps, in ms. It owns no timer.
 */
export interface Guard {
  /** A message told of a change. It explains what a look finds, and stands for nothing itself. */
  hear(evidence: RouteEvidence, now: number): void;
  /** The state was read. The first look shows what is there to be guarded. */
  look(seen: NetworkSeen, now: number): readonly GuardDecision[];
  /** Decides what time alone decides; to be called at `dueAt()`. */
  advance(now: number): readonly GuardDecision[];
  /** What shall be put back now; never within the grace, and nothing but under the policy `restore`. */
  wishes(): readonly RestoreWish[];
  /** What would be put back under the policy `restore`, whatever the policy is: for a user who asks for it. */
  lost(): readonly RestoreWish[];
  dueAt(): number | null;
  /** The user wants nothing of the past back: what is missing now is forgotten. */
  forget(family: IpFamily): void;
}

export function createGuard(options: GuardOptions): Guard {
  const guards: Readonly<Record<IpFamily, FamilyGuard>> = {
    ipv4: createFamilyGuard("ipv4", options),
    ipv6: createFamilyGuard("ipv6", options),
  };
  const all = ipFamilies.map((family) => guards[family]);
  return {
    hear: (evidence, now) => guards[evidence.route.family].hear(evidence, now),
    look: (seen, now) => all.flatMap((guard) => guard.look(seen, now)),
    advance: (now) => all.flatMap((guard) => guard.advance(now)),
    wishes: () => all.flatMap((guard) => guard.wishes()),
    lost: () => all.flatMap((guard) => guard.lost()),
    dueAt() {
      const times = all.map((guard) => guard.dueAt()).filter((time) => time !== null);
      return times.length === 0 ? null : Math.min(...times);
    },
    forget: (family) => guards[family].forget(),
  };
}
