import type { Status } from "../admin-api/status-schema.ts";
import type { Leases } from "../leases/lease-holding.ts";
import type { Management } from "../management/management.ts";
import type { Monitor } from "../monitor/monitor.ts";
import type { Platform } from "../platform/platform.ts";
import type { RouteKeeper } from "../routes/route-keeper.ts";
import type { Config } from "./config.ts";
import { keepRoutes } from "./kept-routes.ts";
import type { Logger } from "./logger.ts";
import type { JournalFacts } from "./metrics/journal-facts.ts";
import type { Mode } from "./mode.ts";
import type { RouteCommands } from "./route-commands.ts";
import type { RouteNews } from "./route-news.ts";
import { type CannotManage, type Managing, startManaging } from "./start-managing.ts";

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
  view(): Pick<Status, "scoped" | "displaced" | "ownProtocol">;
  /** What keeps routes from being looked after, for `status`. */
  reasons(): readonly string[];
  setConfig(config: Config["routes"]): void;
  /** Null while nothing may be changed. */
  journal(): JournalFacts | null;
  /** The loop that takes wishes; null while nothing may be changed. */
  readonly keeper: RouteKeeper | null;
  /** What a user can ask for; null while nothing may be changed. */
  readonly commands: RouteCommands | null;
  /** Null while nothing may be changed. */
  readonly leases: Leases | null;
}

/**
 * Begins to look after routes where the mode says so, and resolves when everything that is wished stands or was
 * tried once. What cannot be managed is only watched, and said.
 *
 * @throws DaemonError; PlatformError
 */
export async function manageRoutes(options: ManagedRoutesOptions): Promise<ManagedRoutes> {
  const { protocol } = options.config;
  if (options.mode.mode === "observe") return onlyWatched(options.mode, protocol, []);
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
  const { reason, remedy } = managing;
  const mode: Mode = { mode: "observe", reason: `because it ${reason}`, remedy };
  return onlyWatched(mode, protocol, [`routes are not managed: netwatchd ${reason}; ${remedy}`]);
}

function onlyWatched(mode: Mode, protocol: number, reasons: readonly string[]): ManagedRoutes {
  return {
    mode,
    view: () => ({ scoped: [], displaced: [], ownProtocol: String(protocol) }),
    reasons: () => reasons,
    setConfig: () => undefined,
    journal: () => null,
    keeper: null,
    commands: null,
    leases: null,
    [Symbol.asyncDispose]: async () => undefined,
  };
}
