import type { Status } from "../admin-api/status-schema.ts";
import { ipFamilies } from "../network/address.ts";
import { describeDefault } from "./event-text.ts";
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
  log.info(`netwatchd ${daemon.version} only watches and changes nothing, ${mode.reason}`);
  log.info(`listening on ${socket}`);
  log.info(configFile === null ? "no configuration file: defaults" : `configured by ${configFile}`);
  for (const family of ipFamilies)
    log.info(`${family} default: ${describeDefault(defaults[family].effective)}`);
  const { length } = interfaces;
  log.info(`watching ${length} interface${length === 1 ? "" : "s"}; ask with: ${nextCommand}`);
}
