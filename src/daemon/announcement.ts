import type { Default } from "../admin-api/route-schema.ts";
import type { Status } from "../admin-api/status-schema.ts";
import { describeMetric, describeProtocol, describeRoute } from "../cli/render/route-words.ts";
import { ipFamilies } from "../network/address.ts";
import type { Logger } from "./logger.ts";
import type { Mode } from "./mode.ts";

/** What a person who has just started the daemon wants to know. */
export interface Announcement {
  readonly status: Status;
  readonly mode: Mode;
  readonly socket: string;
  /** The file that was read, or null when there is none. */
  readonly configFile: string | null;
  /** The command that asks this daemon, as it can be typed. */
  readonly nextCommand: string;
}

/** The log's first lines. */
export function announceStart(log: Logger, announcement: Announcement): void {
  const { status, mode, socket, configFile, nextCommand } = announcement;
  const { daemon, interfaces, defaults } = status;
  const does =
    mode.mode === "manage"
      ? "looks after the routes of this host"
      : "only watches and changes nothing";
  log.info(`netwatchd ${daemon.version} ${does}, ${mode.reason}`);
  log.info(`listening on ${socket}`);
  log.info(configFile === null ? "no configuration file: defaults" : `configured by ${configFile}`);
  const known = interfaces.length > 0 || daemon.health === "ok";
  if (known)
    for (const family of ipFamilies)
      log.info(`${family} ${describeDefault(defaults[family].effective)}`);
  const { length } = interfaces;
  const watching = `watching ${length} interface${length === 1 ? "" : "s"}`;
  log.info(`${known ? watching : "trying to read the network"}; ask with: ${nextCommand}`);
}

function describeDefault(route: Default | null): string {
  if (route === null) return "no default";
  const words = [describeRoute(route), describeMetric(route), describeProtocol(route)];
  return words.filter((word) => word !== "").join(", ");
}
