import type { Config } from "./config.ts";
import { compareConfigs } from "./config-change.ts";
import type { Logger } from "./logger.ts";

export interface ReloadOptions {
  readonly config: Config;
  /** @throws DaemonError that says what is wrong with the file */
  readonly readConfig: () => Promise<Config>;
  /** Brings the new configuration into force, as far as that goes without a restart. */
  readonly apply: (config: Config) => Promise<void>;
  readonly log: Logger;
}

/**
 * Reads the configuration anew and applies what changed. One that is bad changes nothing, and is said. What
 * needs a restart is said as long as it differs from what the daemon was started with.
 *
 * @returns a function that does it once; two at a time become one after the other
 */
export function configReloader({
  config,
  readConfig,
  apply,
  log,
}: ReloadOptions): () => Promise<void> {
  let current = config;
  const reload = async (): Promise<void> => {
    try {
      const next = await readConfig();
      const { applied } = compareConfigs(current, next);
      const { needRestart } = compareConfigs(config, next);
      await apply(next);
      current = next;
      const news = applied.length === 0 ? "nothing new" : `new: ${applied.join(", ")}`;
      log.info(`configuration read again, ${news}`);
      if (needRestart.length > 0)
        log.warn(`to take effect, these need a restart: ${needRestart.join(", ")}`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.error(`the configuration stays as it was: ${why}`);
    }
  };
  let last = Promise.resolve();
  return () => {
    last = last.then(reload);
    return last;
  };
}
