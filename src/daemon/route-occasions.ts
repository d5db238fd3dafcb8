import type { MonitorEvent } from "../monitor/event.ts";
import type { Monitor } from "../monitor/monitor.ts";
import type { Platform } from "../platform/platform.ts";
import type { RouteKeeper } from "../routes/route-keeper.ts";
import type { ScopedPolicy } from "../routes/scoped-wishes.ts";
import type { GuardedDefaults } from "./guarded-defaults.ts";
import type { HealedDisplacements } from "./healed-displacements.ts";
import type { HealedScopes } from "./healed-scopes.ts";
import type { RouteRounds } from "./route-rounds.ts";

/** Who is told of what happens to the network, so that routes follow it. */
export interface RouteOccasionsOptions {
  readonly platform: Pick<Platform, "onEvidence" | "onRuleRemoval">;
  readonly monitor: Monitor;
  readonly policy: () => ScopedPolicy;
  readonly keeper: RouteKeeper;
  readonly healer: HealedScopes;
  readonly displacements: HealedDisplacements;
  readonly guard: GuardedDefaults;
  readonly rounds: RouteRounds;
  /** Whether a scoped default that does not fit can take the whole host offline: then it waits for no debounce. */
  readonly isUrgent: boolean;
}

/** Runs the loop whenever something happened that routes must follow. Disposing of it ends that. */
export interface RouteOccasions extends Disposable {
  /** Resolves when the loop has run for what is known of the network already; at once while that is nothing. */
  begin(): Promise<void>;
}

export function followOccasions(options: RouteOccasionsOptions): RouteOccasions {
  const { platform, monitor, keeper, healer, displacements, guard, rounds } = options;
  let followed = false;
  const follow = (): Promise<void> => {
    followed = true;
    return keeper.follow(monitor.state.interfaces);
  };
  // A round that fails has told of it, and is tried again.
  const quietly = (work: Promise<unknown>): void => void work.catch(() => undefined);

  const evidence = platform.onEvidence((found) => {
    healer.hear(found);
    displacements.hear(found);
    // What is scoped to one interface is no default of the host.
    if (found.scopedTo === undefined) guard.hear(found);
    if (options.isUrgent && followed) quietly(keeper.look());
  });
  const removals = platform.onRuleRemoval(healer.hearRule);
  const endEvents = monitor.onEvents((events) => {
    for (const event of events) {
      tellHealer(healer, event);
      if ("index" in event) displacements.linkChanged(event.index);
      else if (event.kind === "wake") displacements.woke();
    }
    const policy = options.policy();
    if (!events.some((event) => mattersToRoutes(event, policy))) return;
    rounds.because(events.find(({ severity }) => severity === "effective")?.cause ?? "wake");
    quietly(follow());
  });
  const endReads = monitor.onRead(() => {
    guard.networkRead();
    quietly(followed ? keeper.look() : follow());
  });
  return {
    async begin() {
      // An empty state is no reason to take anything away: the first read that succeeds begins.
      if (!monitor.health().stateCurrent) return;
      guard.networkRead();
      await follow().catch(() => undefined);
    },
    [Symbol.dispose]() {
      evidence[Symbol.dispose]();
      removals[Symbol.dispose]();
      endEvents();
      endReads();
    },
  };
}

function mattersToRoutes(event: MonitorEvent, { scoped }: ScopedPolicy): boolean {
  if (event.severity === "effective" || event.kind === "wake") return true;
  return "interface" in event && scoped !== "auto" && scoped(event.interface);
}

function tellHealer(healer: HealedScopes, event: MonitorEvent): void {
  if ("index" in event) healer.linkChanged(event.index);
  else if (event.kind === "default-changed") healer.defaultChanged(event.family);
  else if (event.kind === "wake") healer.woke();
}
