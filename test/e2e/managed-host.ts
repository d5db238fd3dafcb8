import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestNamespace } from "../namespace/namespace.ts";
import {
  type CommandResult,
  type DaemonProcess,
  netwatch,
  runCommand,
  startDaemon,
} from "./daemon-process.ts";
import { uplinkConfig } from "./uplinks.ts";

/** A host on which netwatchd looks after routes, and may be started, killed and started again. */
export interface ManagedHost extends Disposable {
  readonly stateDirectory: string;
  start(routes?: string, nodeArgs?: readonly string[]): Promise<DaemonProcess>;
  /** `netwatch routes restore` where no daemon answers. */
  restore(...words: readonly string[]): Promise<CommandResult>;
  /** Every rule and every route of every table and family, as `ip` prints them: the independent witness. */
  routing(): readonly unknown[];
}

/** @param routes what stands in the configuration's table `[routes]` */
export function manageHost(host: TestNamespace): ManagedHost {
  const directory = mkdtempSync(join(tmpdir(), "netwatch-managed-"));
  const stateDirectory = join(directory, "state");
  const show = (words: string): unknown =>
    JSON.parse(
      JSON.stringify(host.ipJson(words), (key, value: unknown) =>
        key === "expires" ? undefined : value,
      ),
    );
  return {
    stateDirectory,
    start: (routes = "", nodeArgs = []) =>
      startDaemon(host, {
        nodeArgs,
        manage: true,
        directory,
        config: `${uplinkConfig}[routes]\n${routes}\n`,
      }),
    restore: (...words) =>
      runCommand("nsenter", [
        `--net=${host.path}`,
        "--",
        process.execPath,
        netwatch,
        "--socket",
        join(directory, "netwatchd.sock"),
        "routes",
        "restore",
        "--state-dir",
        stateDirectory,
        "--config",
        join(directory, "config.toml"),
        ...words,
      ]),
    routing: () => [
      show("-4 route show table all"),
      show("-6 route show table all"),
      show("-4 rule"),
      show("-6 rule"),
    ],
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}
