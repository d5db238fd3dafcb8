import { setTimeout as delay } from "node:timers/promises";
import { interfacePolicy } from "../monitor/interface-policy.ts";
import type { NetworkInterface } from "../network/interface.ts";
import type { NetworkReader } from "../platform/platform.ts";
import { restoreRoutes } from "../routes/restore.ts";
import type { RestoreOutcome } from "../routes/restore-outcome.ts";
import { type DaemonFiles, openManagementHere } from "./management-here.ts";
import type { Session } from "./session.ts";

/** What a restore without a daemon is told. */
export interface RestoreHereOptions extends DaemonFiles {
  readonly dryRun: boolean;
  /** `settle` leaves the scoped defaults, which the next daemon adopts; `restore` unless said. */
  readonly verb?: "restore" | "settle";
}

/** Two restores at once are one after the other. */
const lockWaitMs = 30_000;

/**
 * Brings the routing back without a daemon. What a person can be told is in the outcome.
 *
 * @throws DaemonError when the configuration is bad; PlatformError
 */
export async function restoreHere(
  session: Session,
  options: RestoreHereOptions,
  signal: AbortSignal,
): Promise<RestoreOutcome> {
  await using here = await openManagementHere(session, options);
  const { config, network, management } = here;
  const policy = interfacePolicy(config.interfaces.churn, config.interfaces.kinds);
  return await restoreRoutes(
    {
      verb: options.verb ?? "restore",
      ...management,
      lockWaitMs,
      readInterfaces: (reading) => readInterfaces(network, policy.kindOf, reading),
      pause: async (ms, ending) => void (await delay(ms, undefined, { signal: ending })),
      dryRun: options.dryRun,
    },
    signal,
  );
}

async function readInterfaces(
  network: NetworkReader,
  kindOf: ReturnType<typeof interfacePolicy>["kindOf"],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, NetworkInterface>> {
  const { interfaces } = await network.read({ kind: "all" }, signal);
  return new Map(
    [...interfaces].flatMap(([index, link]) =>
      link === null ? [] : [[index, { ...link, kind: kindOf(link) }]],
    ),
  );
}
