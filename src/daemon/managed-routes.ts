import type { Status } from "../admin-api/status-schema.ts";
import type { Management } from "../management/management.ts";
import type { MonitorEvent } from "../monitor/event.ts";
import { matchesGlob } from "../monitor/glob.ts";
import type { Monitor } from "../monitor/monitor.ts";
import type { Platform } from "../platform/platform.ts";
import type { RoutingReading } from "../platform/route-control.ts";
import type { RouteEvidence } from "../platform/route-evidence.ts";
import { guardRemovals } from "../routes/flushed-record.ts";
import { foldJournal } from "../routes/journal/journal-state.ts";
import { scopedKey } from "../routes/plan-scoped.ts";
import type { Reconciled } from "../routes/reconcile.ts";
import { createRouteKeeper, type RouteKeeper } from "../routes/route-keeper.ts";
import type { ScopedView } from "../routes/scoped-view.ts";
import type { ScopedPolicy } from "../routes/scoped-wishes.ts";
import type { Config } from "./config.ts";
import { type InterfaceNames, viewDefault } from "./default-view.ts";
import { guardDefaults } from "./guarded-defaults.ts";
import { type HealedScopes, healScopes } from "./healed-scopes.ts";
import type { Logger } from "./logger.ts";
import type { Mode } from "./mode.ts";
import { readWatched } from "./read-watched.ts";
import { type RouteCommands, routeCommands } from "./route-commands.ts";
import { newsOfScoped, type RouteNews } from "./route-news.ts";
import { type CannotManage, type Managing, startManaging } from "./start-managing.ts";
import { stepReporter } from "./step-report.ts";

export interface ManagedRoutesOptions {
  readonly platform: Platform;
  readonly monitor: Monitor;
  readonly config: Config["routes"];
  readonly mode: Mode;
  /** Opens the routing for changes; called in mode `manage` only. */
  readonly openManagement: () => Promise<Management>;
  readonly tell: (news: readonly RouteNews[]) => void;
  readonly log: Logger;
}

/** The routes as the daemon looks after them. Disposing of it settles what is owed and ends. */
export interface ManagedRoutes extends AsyncDisposable {
  /** What came of the mode that was asked for. */
  readonly mode: Mode;
  view(): Pick<Status, "scoped" | "displaced">;
  /** What keeps routes from being looked after, for `status`. */
  reasons(): readonly string[];
  setConfig(config: Config["routes"]): void;
  /** Null while nothing may be changed. */
  readonly commands: RouteCommands | null;
}

/** How long bringing everything back may take when the daemon ends. */
const longestStopMs = 8_000;
/** How long a carrier may be away before what is remembered of its gateway ends. */
const carrierGraceMs = 60_000;

/**
 * Begins to look after routes where the mode says so, and resolves when everything that is wished stands or was
 * tried once. What cannot be managed is only watched, and said.
 *
 * @throws DaemonError; PlatformError
 */
export async function manageRoutes(options: ManagedRoutesOptions): Promise<ManagedRoutes> {
  if (options.mode.mode === "observe") return onlyWatched(options.mode, []);
  const management = await options.openManagement();
  let managing: Managing | CannotManage;
  try {
    managing = await startManaging(management, options.log);
  } catch (error) {
    await management[Symbol.asyncDispose]();
    throw error;
  }
  if (managing.kind === "managing") return await keepRoutes(managing, options);
  await management[Symbol.asyncDispose]();
  const mode = { mode: "observe", reason: "because it cannot manage routes" } as const;
  return onlyWatched(mode, [managing.reason]);
}

function onlyWatched(mode: Mode, reasons: readonly string[]): ManagedRoutes {
  return {
    mode,
    view: () => ({ scoped: [], displaced: [] }),
    reasons: () => reasons,
    setConfig: () => undefined,
    commands: null,
    [Symbol.asyncDispose]: async () => undefined,
  };
}

async function keepRoutes(
  managing: Managing,
  { platform, monitor, mode, tell, log, ...options }: ManagedRoutesOptions,
): Promise<ManagedRoutes> {
  const { management, journal } = managing;
  const { places, tag } = management;
  const ending = new AbortController();
  const report = stepReporter(log);
  const names: InterfaceNames = { get: (index) => monitor.state.interfaces.get(index)?.name };
  let config = options.config;
  let trouble: string | null = null;
  let shown: readonly ScopedView[] = [];
  let records: RoutingReading["defaults"] = [];
  let cause: RouteNews["cause"] = "message";
  /** What was heard since the network was read: it explains the next look, not this one. */
  let early: RouteEvidence[] | null = null;

  const awakeMs = (): number => platform.uptime().awakeMs;
  const quietly = (work: Promise<unknown>): void => void work.catch(() => undefined);
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
  const control = readWatched(guardRemovals(management.control), healer.look);
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
  const lookByGuard = (): void => {
    if (early === null) return;
    guard.look(monitor.state, records);
    for (const evidence of early) guard.hear(evidence);
    early = null;
  };
  const onReconciled = (result: Reconciled): void => {
    trouble = null;
    report(result.outcomes);
    healer.reconciled(result);
    const repaired = repairedIn(result);
    const { scoped } = result.plan;
    tell(
      newsOfScoped(
        shown,
        scoped,
        (view) => repaired.has(scopedKey(view.family, view.interface)),
        cause,
      ),
    );
    shown = scoped;
    records = result.reading.defaults;
    lookByGuard();
  };
  const keeper: RouteKeeper = createRouteKeeper(
    {
      workplace: {
        control,
        journal,
        places,
        newPlanName: management.newPlanName,
        uptimeMs: () => management.moment().uptimeMs,
      },
      policy: policyOf(config),
      tag,
      carrierGraceMs,
      now: Date.now,
      random: Math.random,
      holds: healer.holds,
      onReconciled,
      onFailure(error) {
        if (trouble === null) log.error("the routes could not be looked after", { error });
        trouble = `routes are not looked after: ${error.message}; it is tried again`;
        lookByGuard();
      },
    },
    ending.signal,
  );

  let followed = false;
  const follow = (): Promise<void> => {
    followed = true;
    return keeper.follow(monitor.state.interfaces);
  };
  const evidence = platform.onEvidence((found) => {
    healer.hear(found);
    if (early === null) guard.hear(found);
    else early.push(found);
  });
  const endEvents = monitor.onEvents((events) => {
    for (const event of events) tellHealer(healer, event);
    const { scoped } = policyOf(config);
    const matters = events.some(
      (event) =>
        event.severity === "effective" ||
        event.kind === "wake" ||
        ("interface" in event && scoped !== "auto" && scoped(event.interface)),
    );
    if (!matters) return;
    cause = events.find(({ severity }) => severity === "effective")?.cause ?? "wake";
    quietly(follow());
  });
  const endReads = monitor.onRead(() => {
    early ??= [];
    quietly(followed ? keeper.look() : follow());
  });
  // An empty state is no reason to take anything away: the first read that succeeds begins.
  if (monitor.health().stateCurrent) {
    early = [];
    await follow().catch(() => undefined);
  }

  return {
    mode,
    view: () => {
      const { scoped, displaced } = keeper.views();
      return {
        scoped: scoped.map((view) => ({ ...view })),
        displaced: displaced.map(({ family, route, since, by, state }) => ({
          family,
          route: viewDefault(route, "default", names),
          since,
          by,
          state,
        })),
      };
    },
    reasons: () => (trouble === null ? [] : [trouble]),
    setConfig(next) {
      config = next;
      quietly(keeper.setPolicy(policyOf(next)));
    },
    commands: routeCommands({
      keeper,
      signal: ending.signal,
      requested: () => {
        cause = "request";
      },
      resume: healer.resume,
      forget: () => guard.forget(),
      lastKnownGood: () => {
        const { lastKnownGood } = foldJournal(journal.records, journal.identity);
        return { ipv4: lastKnownGood.ipv4, ipv6: lastKnownGood.ipv6 };
      },
      interfaces: () => monitor.state.interfaces,
    }),
    async [Symbol.asyncDispose]() {
      evidence[Symbol.dispose]();
      endEvents();
      endReads();
      healer[Symbol.dispose]();
      guard[Symbol.dispose]();
      cause = "request";
      const deadline = setTimeout(() => ending.abort(), longestStopMs);
      try {
        await keeper.stop(config.onStop);
      } catch (error) {
        const hint = "run `netwatch routes restore` when that is mended";
        log.error(`the routes could not be brought back; ${hint}`, { error });
      } finally {
        clearTimeout(deadline);
        ending.abort();
        await managing[Symbol.asyncDispose]();
        await management[Symbol.asyncDispose]();
      }
    },
  };
}

function policyOf({ scoped, families, replies }: Config["routes"]): ScopedPolicy {
  const isNamed = (name: string): boolean =>
    scoped !== "auto" && scoped.some((glob) => matchesGlob(glob, name));
  return { scoped: scoped === "auto" ? "auto" : isNamed, families, replies, byHand: new Map() };
}

/** `scopedKey` of each of which a part was missing and was put back. */
function repairedIn({ outcomes }: Reconciled): ReadonlySet<string> {
  return new Set(
    outcomes.flatMap(({ step, result }) => {
      if (step.kind !== "install-scoped" || result !== "done") return [];
      const { family, interfaceName } = step.planned.entry;
      return [scopedKey(family, interfaceName)];
    }),
  );
}

function tellHealer(healer: HealedScopes, event: MonitorEvent): void {
  if ("index" in event) healer.linkChanged(event.index);
  else if (event.kind === "default-changed") healer.defaultChanged(event.family);
  else if (event.kind === "wake") healer.woke();
}
