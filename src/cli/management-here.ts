import { homedir, tmpdir } from "node:os";
import type { Config } from "../daemon/config.ts";
import { loadConfig } from "../daemon/load-config.ts";
import { defaultPaths, type Paths } from "../daemon/paths.ts";
import { openPeerReader } from "../daemon/peer.ts";
import { type Management, openManagement } from "../management/management.ts";
import { openNetworkReader } from "../platform/open-network-reader.ts";
import type { NetworkReader } from "../platform/platform.ts";
import type { Session } from "./session.ts";

/** Where this user's daemon has its files, unless they are named. */
export interface DaemonFiles {
  /** Instead of the state directory of this user's daemon. */
  readonly stateDirectory: string | null;
  /** Instead of the configuration of this user's daemon. */
  readonly configFile: string | null;
}

/** What changing routes takes, as this user's daemon would have it. Disposing of it closes it. */
export interface ManagementHere extends AsyncDisposable {
  readonly config: Config;
  readonly network: NetworkReader;
  readonly management: Management;
}

/**
 * Opens routing and state directory for a command that does itself what a daemon would do; nothing is changed, and
 * nothing is locked yet.
 *
 * @throws DaemonError when the configuration is bad; PlatformError
 */
export async function openManagementHere(
  session: Session,
  { stateDirectory, configFile }: DaemonFiles,
): Promise<ManagementHere> {
  const paths = daemonPaths(session, session.uid);
  const { config } = await loadConfig(configFile ?? paths.configFile, configFile !== null);
  return await openManagementWith(session, config, stateDirectory ?? paths.stateDirectory);
}

/** Where the daemon of a user has its files when no option says otherwise. */
export function daemonPaths({ platform, env }: Session, uid: number): Paths {
  return defaultPaths({ platform, uid, env, tmpdir: tmpdir(), home: homedir() });
}

/** The same with a configuration that was read before. @throws PlatformError */
export async function openManagementWith(
  { platform: system, uid }: Session,
  config: Config,
  stateDirectory: string,
): Promise<ManagementHere> {
  const { preferenceBase, tableBase, protocol, flag } = config.routes;
  const readPeer = await openPeerReader(system);
  const network = await openNetworkReader({ protocolTag: protocol });
  try {
    const management = await openManagement(network, {
      stateDirectory,
      uid,
      preferenceBase,
      tableBase,
      protocol,
      flag,
      readPeer,
    });
    return {
      config,
      network,
      management,
      async [Symbol.asyncDispose]() {
        await management[Symbol.asyncDispose]();
        await network[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await network[Symbol.asyncDispose]();
    throw error;
  }
}
