import type { Config } from "./config.ts";

/** What differs between two configurations, keys as in the file: `monitor.reconcile_ms`. */
export interface ConfigChange {
  /** In force at once. */
  readonly applied: readonly string[];
  /** In force after a restart. */
  readonly needRestart: readonly string[];
}

const reloadable: ReadonlySet<string> = new Set([
  "admin.read",
  "admin.group",
  "interfaces.churn",
  "interfaces.kinds",
  "log.level",
  "metrics.listen",
  "routes.scoped",
  "routes.families",
  "routes.replies",
  "routes.guard",
  "routes.on_stop",
]);

/** Compares key by key. */
export function compareConfigs(before: Config, after: Config): ConfigChange {
  const old = new Map(keysOf(before));
  const changed = keysOf(after)
    .filter(([key, value]) => old.get(key) !== value)
    .map(([key]) => key);
  return {
    applied: changed.filter((key) => reloadable.has(key)),
    needRestart: changed.filter((key) => !reloadable.has(key)),
  };
}

function keysOf(config: Config): [key: string, value: string][] {
  return Object.entries(config).flatMap(([table, keys]) =>
    Object.entries(keys).map(([key, value]): [string, string] => [
      `${table}.${snakeCase(key)}`,
      JSON.stringify(value),
    ]),
  );
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
