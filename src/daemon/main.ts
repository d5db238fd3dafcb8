#!/usr/bin/env node
import { readFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, Option } from "commander";
import { netwatchVersion } from "../admin-api/version.ts";
import { openPlatform } from "../platform/open-platform.ts";
import { canChangeRoutes } from "../platform/open-route-control.ts";
import { runDaemon } from "./daemon.ts";
import { exitCodeOf, hintOf } from "./daemon-error.ts";
import { loadConfig } from "./load-config.ts";
import { type LogFormat, type Logger, openLogger } from "./logger.ts";
import { chooseMode } from "./mode.ts";
import { netwatchCommand } from "./next-command.ts";
import { defaultPaths } from "./paths.ts";
import { openPeerReader } from "./peer.ts";
import { listenToSignals } from "./process-signals.ts";
import type { InstallFlags } from "./service/install-service.ts";
import type { Notifier } from "./service/notifier.ts";

interface StartFlags {
  readonly config?: string;
  readonly socket?: string;
  readonly stateDir?: string;
  readonly observe?: true;
  readonly netns?: string;
  readonly platform?: "memory";
  readonly log?: LogFormat;
}

const uid = process.geteuid?.() ?? 0;
const paths = defaultPaths({
  platform: process.platform,
  uid,
  env: process.env,
  tmpdir: tmpdir(),
  home: homedir(),
});

async function start(flags: StartFlags): Promise<void> {
  const { signal, onReload } = listenToSignals(process);
  const file = flags.config ?? paths.configFile;
  const { config, found } = await loadConfig(file, flags.config !== undefined);
  const format = flags.log ?? (process.stderr.isTTY ? "readable" : "json");
  const log = await openLogger(format, config.log.level, process.stderr);
  const socket = flags.socket ?? paths.socket;
  const readPeer = await openPeerReader(process.platform);
  const isDefaultSocket = socket === paths.socket;
  using notifier = await openNotifierIfAsked(log);
  await using platform = await openPlatform({
    ...(flags.platform === undefined ? {} : { kind: flags.platform }),
    netns: flags.netns ?? null,
    receiveBufferBytes: config.monitor.receiveBufferBytes,
    protocolTag: config.routes.protocol,
  });
  await runDaemon(
    platform,
    {
      config,
      configFile: found ? file : null,
      readConfig: async () => (await loadConfig(file, flags.config !== undefined)).config,
      onReload,
      socket: { path: socket, platform: process.platform, uid, ownDirectory: isDefaultSocket },
      mode: chooseMode({
        uid,
        observe: flags.observe ?? false,
        canChangeRoutes: flags.platform === undefined && canChangeRoutes(process.platform),
        processStatus: await readFile("/proc/self/status", "utf8").catch(() => null),
      }),
      openManagement: async () => {
        const { openManagement } = await import("../management/management.ts");
        const { preferenceBase, tableBase, protocol, flag } = config.routes;
        const stateDirectory = flags.stateDir ?? paths.stateDirectory;
        const where = { preferenceBase, tableBase, protocol, flag, stateDirectory };
        return openManagement(platform, { ...where, uid, readPeer });
      },
      readPeer,
      notifier,
      nextCommand: netwatchCommand(
        {
          searchPath: process.env.PATH ?? "",
          workingDirectory: process.cwd(),
          cliFile: fileURLToPath(new URL("../cli/main.js", import.meta.url)),
        },
        ["status", ...(isDefaultSocket ? [] : ["--socket", socket])],
      ),
      log,
    },
    signal,
  ).catch((error: unknown) => {
    // A stop that came before the daemon stood.
    if (error !== signal.reason) throw error;
  });
}

async function openNotifierIfAsked(log: Logger): Promise<Notifier | null> {
  if (process.platform !== "linux" || process.env.NOTIFY_SOCKET === undefined) return null;
  const { openNotifier } = await import("./service/notifier.ts");
  return openNotifier({ env: process.env, pid: process.pid, log });
}

async function checkConfig(flags: Pick<StartFlags, "config">): Promise<void> {
  const file = flags.config ?? paths.configFile;
  const { found } = await loadConfig(file, flags.config !== undefined);
  process.stdout.write(found ? `${file} is good\n` : `there is no ${file}: the defaults stand\n`);
}

const configOption = new Option("--config <file>", `configuration (default: ${paths.configFile})`);

const program = new Command("netwatchd")
  .description(
    "watches this host's network, looks after its routes as root, and answers on a Unix socket",
  )
  .version(netwatchVersion)
  .showHelpAfterError("try: netwatchd --help")
  .configureOutput({
    outputError: (text, write) => write(text.replace(/^error: /, "netwatchd: ")),
  })
  .exitOverride();

program
  .command("start")
  .description(
    "run in the foreground until SIGINT or SIGTERM; SIGHUP reads the configuration again",
  )
  .addOption(configOption)
  .option("--socket <path>", `where to listen (default: ${paths.socket})`)
  .option("--state-dir <directory>", `what must survive (default: ${paths.stateDirectory})`)
  .option("--observe", "change nothing, only watch")
  .option("--netns <name>", "watch another network namespace, by its name or path (Linux)")
  .addOption(
    new Option("--platform <kind>", "watch something else than this system").choices(["memory"]),
  )
  .addOption(
    new Option("--log <format>", "default: readable on a terminal, else json").choices([
      "readable",
      "json",
    ]),
  )
  .action(start);

program
  .command("check-config")
  .description("say whether the configuration is good")
  .addOption(configOption)
  .action(checkConfig);

program
  .command("install-service")
  .description("have systemd or launchd run netwatchd from now on; needs root")
  .option("--print", "only show the file that would be written")
  .option("--root <directory>", "write it beneath another root, and run nothing")
  .action(async (flags: InstallFlags) => {
    const { installServiceHere } = await import("./service/service-commands.ts");
    await installServiceHere(flags);
  });

program
  .command("uninstall-service")
  .description("end the service that install-service has made, and remove its file")
  .option("--root <directory>", "remove it beneath another root, and run nothing")
  .action(async (flags: Pick<InstallFlags, "root">) => {
    const { uninstallServiceHere } = await import("./service/service-commands.ts");
    await uninstallServiceHere(flags);
  });

// A log that nobody reads any more must not end the daemon; a terminal that is gone must.
process.stderr.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EIO") process.kill(process.pid, "SIGTERM");
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong and what to do next; returns the exit code. */
function report(error: unknown): number {
  // Commander has said it already: help and version are asked for, the rest is bad usage.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const what = error instanceof Error ? error.message : String(error);
  process.stderr.write(`netwatchd: ${what}\n`);
  const hint = hintOf(error);
  if (hint !== null) process.stderr.write(`${hint}\n`);
  return exitCodeOf(error);
}
