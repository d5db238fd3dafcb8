import { readFile } from "node:fs/promises";
import { type Config, defaultConfig } from "./config.ts";
import { DaemonError, errorCode } from "./daemon-error.ts";

export interface LoadedConfig {
  readonly config: Config;
  /** False when there is no such file and the defaults stand. */
  readonly found: boolean;
}

/**
 * Reads the configuration. A file that is missing is a good configuration, unless it was asked for by name.
 *
 * @throws DaemonError `config` that names file, line and key of every mistake; `not-permitted`
 */
export async function loadConfig(file: string, mustExist: boolean): Promise<LoadedConfig> {
  const source = await readSource(file, mustExist);
  if (source === null) return { config: defaultConfig, found: false };
  // The parser and the schema together take some 15 MB of memory; most hosts have no file.
  const { parseConfig } = await import("./config-schema.ts");
  return { config: parseConfig(source, file), found: true };
}

async function readSource(file: string, mustExist: boolean): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (isMissing(error) && !mustExist) return null;
    throw cannotRead(file, error);
  }
}

function isMissing(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "");
}

function cannotRead(file: string, error: unknown): DaemonError {
  const message = `cannot read the configuration ${file}: ${reasonOf(error)}`;
  const hint = isMissing(error)
    ? "name another with --config, or leave the option out to run with the defaults"
    : "make it a file that the daemon's user can read, or name another with --config";
  const code = errorCode(error) === "EACCES" ? "not-permitted" : "config";
  return new DaemonError(code, message, hint, { cause: error });
}

function reasonOf(error: unknown): string {
  if (isMissing(error)) return "there is no such file";
  if (errorCode(error) === "EACCES") return "permission denied";
  if (errorCode(error) === "EISDIR") return "it is a directory";
  return error instanceof Error ? error.message : String(error);
}
