import type { DefaultRoute } from "../network/route.ts";
import type { RecordedDefault } from "../platform/route-control.ts";
import type { DebtContext } from "./debt-context.ts";
import { describeDefault, isSameDefault } from "./default-comparison.ts";
import type { OpenDebt } from "./journal/journal-state.ts";
import type { MissingDefault } from "./put-back.ts";
import type { DebtStep } from "./step.ts";

// RFC 4861 section 10: MAX_RTR_SOLICITATIONS is 3, RTR_SOLICITATION_INTERVAL 4 s. Somebody waits for a default
// here, so the three go out within one interval.
const mostSolicitations = 3;
const solicitationPauseMs = 1_334;
const standInLifetimeMs = 600_000;

/**
 * Brings back a default that the kernel had from a router's announcement: a copy that we made would outlive the
 * router's word (a lifetime of 0 does not remove it), so the routers are asked first. Only when none answers one of
 * ours stands in, for ten minutes at most.
 */
export function askRouters(
  { displaced, pending }: OpenDebt,
  { owed }: MissingDefault,
  standing: readonly RecordedDefault[],
  { interfaces, now, uptimeMs, tag }: DebtContext,
): { readonly steps: readonly DebtStep[]; readonly nextAtUptimeMs: number | null } {
  const { debt } = displaced;
  const index = owed.record.route.interfaceIndex ?? owed.record.route.nexthops[0]?.interfaceIndex;
  if (index === undefined) return { steps: [], nextAtUptimeMs: null };
  const name = interfaces.get(index)?.name ?? `interface ${index}`;

  const ask = (attempts: number): ReturnType<typeof askRouters> => {
    const nextAttemptUptimeMs = uptimeMs + solicitationPauseMs;
    const reason = `${name}: a default of theirs is missing, and only they can announce it`;
    return {
      steps: [
        {
          kind: "postpone-debt",
          fact: { kind: "pending", debt, reason: "routers-asked", attempts, nextAttemptUptimeMs },
          reason,
        },
        { kind: "ask-routers", debt, interfaceIndex: index, reason },
      ],
      nextAtUptimeMs: nextAttemptUptimeMs,
    };
  };
  const standIn = (route: DefaultRoute): DebtStep => ({
    kind: "add-default",
    debt,
    record: { route, raw: new Uint8Array() },
    placement: "exclusive",
    deviation: "in the place of a router's own until it announces itself",
    reason: `${describeDefault(route, interfaces)}: no router of ${name} has answered`,
  });

  if (pending?.standIn !== undefined) {
    const made = pending.standIn;
    const over = (made.expiresAt ?? 0) <= now;
    if (over) return ask(1);
    const stands = standing.some(({ route }) => isSameDefault(route, made));
    return { steps: stands ? [] : [standIn(made)], nextAtUptimeMs: afterMs(made) };
  }
  if (pending?.reason !== "routers-asked") return ask(1);
  const due = pending.nextAttemptUptimeMs ?? uptimeMs;
  if (due > uptimeMs) return { steps: [], nextAtUptimeMs: due };
  if (pending.attempts < mostSolicitations) return ask(pending.attempts + 1);

  const { expiresAt } = owed.record.route;
  const end = Math.min(expiresAt ?? Number.POSITIVE_INFINITY, now + standInLifetimeMs);
  const route: DefaultRoute = { ...owed.record.route, protocol: tag, expiresAt: end };
  const reason = "ra-stand-in";
  const step = standIn(route);
  return {
    steps: [
      {
        kind: "postpone-debt",
        fact: {
          kind: "pending",
          debt,
          reason,
          attempts: 0,
          nextAttemptUptimeMs: null,
          standIn: { ...route, nexthops: [...route.nexthops] },
        },
        reason: step.reason,
      },
      step,
    ],
    nextAtUptimeMs: afterMs(route),
  };

  function afterMs({ expiresAt: ends }: DefaultRoute): number | null {
    return ends === null ? null : uptimeMs + Math.max(0, ends - now) + 1;
  }
}
