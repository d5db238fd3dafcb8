import { posix } from "node:path";
import { netwatchVersion } from "../../admin-api/version.ts";
import { DaemonError } from "../daemon-error.ts";
import { launchdLabel, renderLaunchdJob } from "./launchd-job.ts";
import {
  removeServiceFile,
  standsServiceFile,
  type Written,
  writeServiceFile,
} from "./service-file.ts";
import type { CheckedPrograms } from "./service-programs.ts";
import { renderSystemdUnit } from "./systemd-unit.ts";

/** The host of a service, and how to act on it. */
export interface ServiceHost {
  /** `process.platform`. */
  readonly platform: string;
  readonly uid: number;
  /** Whether systemd is this host's init (sd_booted(3)). */
  readonly runsSystemd: boolean;
  /** @throws DaemonError when they are no good for a service */
  readonly checkPrograms: () => CheckedPrograms;
  /** Runs a command to its end; gives what it complained of when it failed, else null. */
  readonly run: (command: string, args: readonly string[]) => Promise<string | null>;
  readonly say: (line: string) => void;
  readonly warn: (line: string) => void;
}

/** How to install: beneath a directory instead of on this host, and only showing. */
export interface InstallFlags {
  readonly root?: string;
  readonly print?: true;
}

interface ServiceManager {
  readonly file: string;
  readonly render: (checked: CheckedPrograms) => string;
  /** What the manager must be told of a new file. */
  readonly afterWrite: readonly (readonly string[])[];
  readonly next: Readonly<Record<Written, string>>;
  readonly beforeRemove: readonly string[];
  readonly afterRemove: readonly (readonly string[])[];
}

const unit = "netwatchd.service";
const reloadSystemd = ["systemctl", "daemon-reload"];

const systemd: ServiceManager = {
  file: `/etc/systemd/system/${unit}`,
  render: ({ programs }) => renderSystemdUnit({ version: netwatchVersion, programs }),
  afterWrite: [reloadSystemd],
  next: {
    new: "systemctl enable --now netwatchd",
    changed: "systemctl restart netwatchd",
    same: "systemctl enable --now netwatchd",
  },
  beforeRemove: ["systemctl", "disable", "--now", unit],
  afterRemove: [reloadSystemd],
};

const jobFile = `/Library/LaunchDaemons/${launchdLabel}.plist`;
const bootstrap = `launchctl bootstrap system ${jobFile}`;
const bootout = ["launchctl", "bootout", `system/${launchdLabel}`];

const launchd: ServiceManager = {
  file: jobFile,
  render: ({ programs }) => renderLaunchdJob({ version: netwatchVersion, programs }),
  afterWrite: [],
  next: { new: bootstrap, changed: `${bootout.join(" ")}; ${bootstrap}`, same: bootstrap },
  beforeRemove: bootout,
  afterRemove: [],
};

/**
 * Writes the file by which systemd or launchd starts netwatchd, and says what to do next. With a root, it is written
 * beneath that and nothing is run.
 *
 * @throws DaemonError
 */
export async function installService(flags: InstallFlags, host: ServiceHost): Promise<void> {
  const manager = managerOf(host);
  const checked = host.checkPrograms();
  for (const warning of checked.warnings) host.warn(`warning: ${warning}`);
  const content = manager.render(programsBeneath(checked, flags.root));
  if (flags.print === true) return host.say(content.replace(/\n$/, ""));
  if (flags.root === undefined) checkHost("install the service", host);
  const file = posix.join(flags.root ?? "/", manager.file);
  const written = await writeServiceFile(file, content);
  host.say(written === "same" ? `${file} stands as it should` : `wrote ${file}`);
  if (flags.root !== undefined) return;
  for (const command of written === "same" ? [] : manager.afterWrite) await mustRun(command, host);
  host.say(`next: ${manager.next[written]}`);
}

/**
 * Ends the service and removes its file, if install-service has written it.
 *
 * @throws DaemonError
 */
export async function uninstallService(
  flags: Pick<InstallFlags, "root">,
  host: ServiceHost,
): Promise<void> {
  const manager = managerOf(host);
  if (flags.root === undefined) checkHost("uninstall the service", host);
  const file = posix.join(flags.root ?? "/", manager.file);
  if (!(await standsServiceFile(file))) return host.say(`there is no ${file}: nothing to do`);
  if (flags.root === undefined) await tryToRun(manager.beforeRemove, host);
  await removeServiceFile(file);
  host.say(`removed ${file}`);
  if (flags.root !== undefined) return;
  for (const command of manager.afterRemove) await mustRun(command, host);
  host.say("what it kept stays: its journal in the state directory, and its configuration");
}

function managerOf({ platform }: ServiceHost): ServiceManager {
  if (platform === "linux") return systemd;
  if (platform === "darwin") return launchd;
  const message = `cannot make a service: netwatchd knows no service manager of ${platform}`;
  throw new DaemonError("usage", message, null);
}

function checkHost(action: string, { platform, uid, runsSystemd }: ServiceHost): void {
  if (uid !== 0) {
    throw new DaemonError(
      "not-permitted",
      `cannot ${action}: only root may`,
      "try with sudo, or name another root with --root DIR",
    );
  }
  if (platform === "linux" && !runsSystemd) {
    throw new DaemonError(
      "failed",
      `cannot ${action}: systemd is not this host's init`,
      "have the init that is there run `netwatchd start --log json` as root; --print shows what systemd would do",
    );
  }
}

/** Beneath a root that holds the programs, too, their paths begin there. */
function programsBeneath(checked: CheckedPrograms, root: string | undefined): CheckedPrograms {
  const prefix = posix.resolve(root ?? "/").replace(/\/$/, "");
  const inside = (path: string): string =>
    path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;
  const { node, netwatchd, netwatch } = checked.programs;
  return {
    ...checked,
    programs: { node: inside(node), netwatchd: inside(netwatchd), netwatch: inside(netwatch) },
  };
}

async function mustRun(command: readonly string[], host: ServiceHost): Promise<void> {
  const complaint = await run(command, host);
  if (complaint === null) return;
  const message = `cannot tell the service manager: ${command.join(" ")}: ${complaint}`;
  throw new DaemonError("failed", message, "the file is as it should be: run that command again");
}

async function tryToRun(command: readonly string[], host: ServiceHost): Promise<void> {
  const complaint = await run(command, host);
  // One that does not run, or was never enabled, is as good as ended.
  if (complaint !== null) host.warn(`${command.join(" ")}: ${complaint}`);
}

async function run(command: readonly string[], host: ServiceHost): Promise<string | null> {
  const [program = "", ...args] = command;
  const complaint = await host.run(program, args);
  if (complaint === null) host.say(`ran ${command.join(" ")}`);
  return complaint;
}
