import { expect } from "vitest";
import type { NetworkInterface } from "../../../src/network/interface.ts";
import type { DefaultRoute } from "../../../src/network/route.ts";
import type { Requester, RouteEvidence } from "../../../src/platform/route-evidence.ts";
import { createGuard } from "../../../src/routes/guard/guard.ts";
import type { GuardDecision, RestoreWish } from "../../../src/routes/guard/guard-event.ts";
import type { GuardPolicy } from "../../../src/routes/guard/guard-options.ts";
import { eth0, evidence, looksLike, us, wlan0 } from "./host.ts";

/** A guard with a clock: each call gives what was decided by it, timers on the way included. */
export class Watch {
  now = 100_000;
  policy: GuardPolicy = "restore";
  readonly guard = createGuard({
    graceMs: 5_000,
    policy: () => this.policy,
    isOurRequester: ({ portId }) => portId === us.portId,
    isOurRoute: ({ protocol }) => protocol === "199",
  });

  hear(action: RouteEvidence["action"], route: DefaultRoute, by: Requester): void {
    this.guard.hear(evidence(action, route, by), this.now);
  }

  look(
    interfaces: readonly NetworkInterface[],
    routes: readonly DefaultRoute[],
    expired: readonly DefaultRoute[] = [],
  ): readonly GuardDecision[] {
    return this.guard.look(looksLike(interfaces, routes, expired), this.now);
  }

  pass(ms: number): readonly GuardDecision[] {
    const end = this.now + ms;
    const decisions: GuardDecision[] = [];
    for (let due = this.guard.dueAt(); due !== null && due <= end; due = this.guard.dueAt()) {
      this.now = Math.max(this.now, due);
      decisions.push(...this.guard.advance(this.now));
    }
    this.now = end;
    return decisions;
  }

  wishes(): readonly RestoreWish[] {
    return this.guard.wishes();
  }
}

/** A guard that has seen eth0 and wlan0 with these defaults for a minute. */
export function watching(routes: readonly DefaultRoute[], policy: GuardPolicy = "restore"): Watch {
  const watch = new Watch();
  watch.policy = policy;
  expect(watch.look([eth0, wlan0], routes)).toEqual([]);
  watch.pass(60_000);
  return watch;
}
