import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import {
  type InstallFlags,
  installService,
  type ServiceHost,
  uninstallService,
} from "./install-service.ts";
import { checkPrograms, type ServicePrograms } from "./service-programs.ts";

/** The two programs themselves, as they run here. */
type ProgramFiles = Omit<ServicePrograms, "node">;

/** `netwatchd install-service`, on this host. */
export function installServiceHere(flags: InstallFlags, files: ProgramFiles): Promise<void> {
  return installService(resolved(flags), thisHost(files));
}

/** `netwatchd uninstall-service`, on this host. */
export function uninstallServiceHere(
  flags: Pick<InstallFlags, "root">,
  files: ProgramFiles,
): Promise<void> {
  return uninstallService(resolved(flags), thisHost(files));
}

function resolved<Flags extends InstallFlags>(flags: Flags): Flags {
  return flags.root === undefined ? flags : { ...flags, root: resolve(flags.root) };
}

function thisHost(files: ProgramFiles): ServiceHost {
  return {
    platform: process.platform,
    uid: process.geteuid?.() ?? -1,
    runsSystemd: existsSync("/run/systemd/system"),
    checkPrograms: () => checkPrograms({ node: process.execPath, ...files }),
    run: runCommand,
    say: (line) => void process.stdout.write(`${line}\n`),
    warn: (line) => void process.stderr.write(`${line}\n`),
  };
}

function runCommand(command: string, args: readonly string[]): Promise<string | null> {
  return new Promise((done) => {
    execFile(command, args, (error, _stdout, stderr) =>
      done(error === null ? null : stderr.trim() || error.message),
    );
  });
}
