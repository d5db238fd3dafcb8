import { existsSync, lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ManagerFacts, ServiceFacts } from "./facts.ts";
import { readNetworkdSettings } from "./networkd-settings.ts";

const systemdFolders = [
  "etc/systemd/system",
  "usr/local/lib/systemd/system",
  "usr/lib/systemd/system",
];
const wanted = "etc/systemd/system/multi-user.target.wants/netwatchd.service";
const launchdJob = "Library/LaunchDaemons/netwatchd.plist";

/** How netwatchd is installed on the host whose files stand beneath `root`. */
export function readService(root: string, platform: string): ServiceFacts {
  if (platform === "darwin") {
    const text = textOf(join(root, launchdJob));
    const programs = [...(text ?? "").matchAll(/<string>(\/[^<]*)<\/string>/g)].slice(0, 2);
    return {
      manager: "launchd",
      isInstalled: text !== null,
      isEnabled: text !== null,
      missingPrograms: missingOf(programs.flatMap(([, path]) => path ?? [])),
    };
  }
  // sd_booted(3)
  const runsSystemd = existsSync(join(root, "run/systemd/system"));
  const unit = systemdFolders
    .map((folder) => textOf(join(root, folder, "netwatchd.service")))
    .find((text) => text !== null);
  const command = (/^ExecStart=(.*)$/m.exec(unit ?? "")?.[1] ?? "").replaceAll("%%", "%");
  const programs = [...command.matchAll(/"(\/[^"]*)"|(?<=^| )(\/\S*)/g)].slice(0, 2);
  return {
    manager: runsSystemd ? "systemd" : null,
    isInstalled: unit !== undefined,
    isEnabled: isThere(join(root, wanted)),
    missingPrograms: missingOf(programs.flatMap(([, quoted, plain]) => quoted ?? plain ?? [])),
  };
}

/** What other network managers run there, and what they are set to. */
export function readManagers(root: string): ManagerFacts {
  return {
    networkd: existsSync(join(root, "run/systemd/netif")) ? readNetworkdSettings(root) : null,
    networkManager: existsSync(join(root, "run/NetworkManager")),
  };
}

function missingOf(programs: readonly string[]): readonly string[] {
  return programs.filter((path) => !existsSync(path));
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

/** Also for a symbolic link to a file that is not beneath the root. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
