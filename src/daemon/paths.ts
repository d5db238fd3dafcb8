import { posix } from "node:path";
import { defaultSocketPath, type SocketSurroundings } from "../admin-api/socket-path.ts";

/** Where the daemon's files stand when no option says otherwise. */
export interface Paths {
  readonly socket: string;
  readonly stateDirectory: string;
  readonly configFile: string;
}

/** What decides where files stand; `home` is `os.homedir()`. */
export interface Surroundings extends SocketSurroundings {
  readonly home: string;
}

/**
 * The paths of this host and user: the system's for root, else those of the XDG base directory specification,
 * whose variables count only when absolute.
 */
export function defaultPaths(surroundings: Surroundings): Paths {
  const { platform, uid, env, home } = surroundings;
  const socket = defaultSocketPath(surroundings);
  if (uid === 0) {
    return {
      socket,
      stateDirectory:
        platform === "darwin" ? "/Library/Application Support/netwatch" : "/var/lib/netwatch",
      configFile: "/etc/netwatch/config.toml",
    };
  }
  const state = absolute(env.XDG_STATE_HOME) ?? posix.join(home, ".local/state");
  const config = absolute(env.XDG_CONFIG_HOME) ?? posix.join(home, ".config");
  return {
    socket,
    stateDirectory: posix.join(state, "netwatch"),
    configFile: posix.join(config, "netwatch/config.toml"),
  };
}

function absolute(path: string | undefined): string | null {
  return path?.startsWith("/") ? path : null;
}
