import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

// Where configuration stands, first come first served, and how drop-ins are merged: networkd.conf(5).
const folders = ["etc/systemd", "run/systemd", "usr/local/lib/systemd", "usr/lib/systemd"] as const;

/** What systemd-networkd does to what it did not make. */
export interface NetworkdSettings {
  readonly takesRoutes: boolean;
  readonly takesRules: boolean;
}

/** Reads what systemd-networkd is set to, beneath a root directory. What is not set is yes: networkd.conf(5). */
export function readNetworkdSettings(root: string): NetworkdSettings {
  const settings = new Map<string, string>();
  for (const text of configurationTexts(root))
    for (const [key, value] of networkSection(text)) settings.set(key, value);
  const isOn = (key: string): boolean => !/^(0|n|no|f|false|off)$/i.test(settings.get(key) ?? "");
  return {
    takesRoutes: isOn("ManageForeignRoutes"),
    takesRules: isOn("ManageForeignRoutingPolicyRules"),
  };
}

/** The main file, then the drop-ins by their names; one of the same name hides those of later folders. */
function configurationTexts(root: string): readonly string[] {
  const main = folders.flatMap((folder) => read(join(root, folder, "networkd.conf"))).slice(0, 1);
  const dropIns = new Map<string, string>();
  for (const folder of folders) {
    const directory = join(root, folder, "networkd.conf.d");
    for (const name of list(directory))
      if (name.endsWith(".conf") && !dropIns.has(name)) dropIns.set(name, join(directory, name));
  }
  const files = [...dropIns].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
  return [...main, ...files.flatMap(read)];
}

function* networkSection(text: string): Generator<readonly [string, string]> {
  let section = "";
  for (const line of text.split("\n").map((one) => one.trim())) {
    const heading = /^\[(.+)\]$/.exec(line)?.[1];
    const [, key, value] = /^([^#;=][^=]*?)\s*=\s*(.*)$/.exec(line) ?? [];
    if (heading !== undefined) section = heading;
    else if (section === "Network" && key !== undefined && value !== undefined) yield [key, value];
  }
}

function read(file: string): readonly string[] {
  try {
    return [readFileSync(file, "utf8")];
  } catch {
    return [];
  }
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
