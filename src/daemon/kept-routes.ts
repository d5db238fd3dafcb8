import type { Workplace } from "../routes/apply.ts";
import { guardRemovals } from "../routes/flushed-record.ts";
import { foldJournal } from "../routes/journal/journal-state.ts";
import { createRouteKeeper, type RouteKeeper } from "../routes/route-keeper.ts";
import type { InterfaceNames } from "./default-view.ts";
import { viewDisplaced } from "./displaced-view.ts";
import { guardDefaults } from "./guarded-defaults.ts";
import { healDisplacements } from "./healed-displacements.ts";
import { healScopes } from "./healed-scopes.ts";
import { keepLeases } from "./kept-leases.ts";
import type { ManagedRoutes, ManagedRoutesOptions } from "./managed-routes.ts";
import { routeCommands } from "./route-commands.ts";
import { followOccasions } from "./route-occasions.ts";
import { followRounds } from "./route-rounds.ts";
import { endRoutes } from "./routes-end.ts";
import { scopedPolicy } from "./scoped-policy.ts";
import type { Managing } from "./start-managing.ts";
import { watchedControl } from "./watched-control.ts";

/** How long bringing everything back may take when the daemon ends. */
const longestStopMs = 8_000;
/** How long a carrier may be away before what is remembered of its gateway ends. */
const carrierGraceMs = 60_000;

/**
 * The loop that changes routes, with all that gives it wishes (configuration, guard, self-heal, users) and occasions
 * to run. Resolves when the first round is over.
 */
export async function keepRoutes(
  managing: Managing,
  { platform, monitor, mode, tell, log, ...options }: ManagedRoutesOptions,
): Promise<ManagedRoutes> {
  const { management, journal } = managing;
  const { places, tag } = management;
  const { traits } = management.control;
  const ending = new AbortController();
  const names: InterfaceNames = { get: (index) => monitor.state.interfaces.get(index)?.name };
  let config = options.config;

  const policy = (): ReturnType<typeof scopedPolicy> => scopedPolicy(config, traits);
  if (config.replies && traits.scoped === "routes")
    log.warn("[routes] replies has no effect: macOS has no rules by source address");

  const awakeMs = (): number => platform.uptime().awakeMs;
  // A round that fails has told of it, and is tried again.
  const quietly = (work: Promise<unknown>): void => void work.catch(() => undefined);
  const rounds = followRounds(tell, log);
  const healer = healScopes({
    places,
    tag,
    awakeMs,
    interfaces: () => monitor.state.interfaces,
    views: () => keeper.views().scoped,
    onDue: () => quietly(keeper.look()),
    tell,
    log,
  });
  const displacements = healDisplacements({
    tag,
    awakeMs,
    onDue: () => quietly(keeper.look()),
    tell,
    log,
  });
  const control = watchedControl(guardRemovals(management.control), healer);
  const guard = guardDefaults({
    journal,
    graceMs: config.guardGraceMs,
    policy: () => config.guard,
    tag,
    awakeMs,
    putBack: (wished) => quietly(keeper.putBack(wished)),
    askRouters: (index) => quietly(control.solicitRouters(index, ending.signal)),
    tell,
    log,
  });
  const workplace: Workplace = {
    control,
    journal,
    places,
    newPlanName: management.newPlanName,
    uptimeMs: () => management.moment().uptimeMs,
  };
  let afterRound = (): void => undefined;
  const keeper: RouteKeeper = createRouteKeeper(
    {
      workplace,
      policy: policy(),
      tag,
      carrierGraceMs,
      now: Date.now,
      random: Math.random,
      holds: healer.holds,
      displacementWatcher: displacements,
      onReconciled(result) {
        healer.reconciled();
        rounds.done(result);
        afterRound();
        guard.routingRead(monitor.state, result.reading.defaults);
      },
      onFailure(error) {
        rounds.failed(error);
        guard.routingRead(monitor.state, null);
      },
    },
    ending.signal,
  );
  const isUrgent = traits.scoped === "routes";
  const occasions = followOccasions({
    platform,
    monitor,
    policy,
    keeper,
    healer,
    displacements,
    guard,
    rounds,
    isUrgent,
  });
  const tableBase = places?.tableBase ?? null;
  // Before the first round: what a lease made that outlives the daemon must not be undone by it.
  const leases = await keepLeases(
    { platform, monitor, keeper, journal, tableBase, tell, log },
    ending.signal,
  );
  afterRound = leases.look;
  await occasions.begin();

  return {
    mode,
    keeper,
    view() {
      const { scoped, displaced } = keeper.views();
      return {
        scoped: scoped.map((view) => ({ ...view })),
        displaced: displaced.map((debt) => viewDisplaced(debt, names)),
        ownProtocol: tag,
      };
    },
    reasons() {
      const trouble = rounds.trouble();
      return trouble === null ? [] : [trouble];
    },
    setConfig(next) {
      config = next;
      quietly(keeper.setPolicy(policy()));
    },
    journal: () => ({
      bytes: journal.size,
      records: journal.records.length,
      oversized: journal.rotationFailure !== null,
    }),
    leases,
    commands: routeCommands({
      keeper,
      signal: ending.signal,
      requested: () => rounds.because("request"),
      resume: healer.resume,
      forget: () => guard.forget(),
      lastKnownGood: () => {
        const { lastKnownGood } = foldJournal(journal.records, journal.identity);
        return { ipv4: lastKnownGood.ipv4, ipv6: lastKnownGood.ipv6 };
      },
      lost: guard.lost,
      interfaces: () => monitor.state.interfaces,
    }),
    async [Symbol.asyncDispose]() {
      await leases[Symbol.asyncDispose]();
      occasions[Symbol.dispose]();
      healer[Symbol.dispose]();
      displacements[Symbol.dispose]();
      guard[Symbol.dispose]();
      rounds.because("request");
      const deadline = setTimeout(() => ending.abort(), longestStopMs);
      const { onStop } = config;
      const { interfaces } = monitor.state;
      const { moment } = management;
      await endRoutes({ keeper, workplace, onStop, interfaces, tag, moment, log }, ending.signal);
      clearTimeout(deadline);
      ending.abort();
      await managing[Symbol.asyncDispose]();
      await management[Symbol.asyncDispose]();
    },
  };
}
