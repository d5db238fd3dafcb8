import { homedir, tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { loadConfig } from "../daemon/load-config.ts";
import { defaultPaths } from "../daemon/paths.ts";
import { openPeerReader } from "../daemon/peer.ts";
import { openManagement } from "../management/management.ts";
import { interfacePolicy } from "../monitor/interface-policy.ts";
import type { NetworkInterface } from "../network/interface.ts";
import { openPlatform } from "../platform/open-platform.ts";
import type { Platform } from "../platform/platform.ts";
import { restoreRoutes } from "../routes/restore.ts";
import type { RestoreOutcome } from "../routes/restore-outcome.ts";
import type { Session } from "./session.ts";

/** What a restore without a daemon is told. */
export interface RestoreHereOptions {
  readonly dryRun: boolean;
  /** `settle` leaves the scoped defaults, which the next daemon adopts; `restore` unless said. */
  readonly verb?: "restore" | "settle";
  /** Instead of the state directory of this user's daemon. */
  readonly stateDirectory: string | null;
  /** Instead of the configuration of this user's daemon. */
  readonly configFile: string | null;
}

/** Two restores at once are one after the other. */
const lockWaitMs = 30_000;

/**
 * Brings the routing back without a daemon. What a person can be told is in the outcome.
 *
 * @throws DaemonError when the configuration is bad; PlatformError
 */
export async function restoreHere(
  { platform: system, uid, env }: Session,
  options: RestoreHereOptions,
  signal: AbortSignal,
): Promise<RestoreOutcome> {
  const paths = defaultPaths({ platform: system, uid, env, tmpdir: tmpdir(), home: homedir() });
  const configFile = options.configFile ?? paths.configFile;
  const { config } = await loadConfig(configFile, options.configFile !== null);
  const { preferenceBase, tableBase, protocol, flag } = config.routes;
  await using platform = await openPlatform({ protocolTag: protocol });
  await using management = await openManagement(platform, {
    stateDirectory: options.stateDirectory ?? paths.stateDirectory,
    uid,
    preferenceBase,
    tableBase,
    protocol,
    flag,
    readPeer: await openPeerReader(system),
  });
  const policy = interfacePolicy(config.interfaces.churn, config.interfaces.kinds);
  return await restoreRoutes(
    {
      verb: options.verb ?? "restore",
      ...management,
      lockWaitMs,
      readInterfaces: (reading) => readInterfaces(platform, policy.kindOf, reading),
      pause: async (ms, ending) => void (await delay(ms, undefined, { signal: ending })),
      dryRun: options.dryRun,
    },
    signal,
  );
}

async function readInterfaces(
  platform: Platform,
  kindOf: ReturnType<typeof interfacePolicy>["kindOf"],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, NetworkInterface>> {
  const { interfaces } = await platform.read({ kind: "all" }, signal);
  return new Map(
    [...interfaces].flatMap(([index, link]) =>
      link === null ? [] : [[index, { ...link, kind: kindOf(link) }]],
    ),
  );
}
