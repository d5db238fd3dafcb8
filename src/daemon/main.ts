#!/usr/bin/env node
import "./young-generation.ts";
import { readFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { CommanderError } from "commander";
import { asSentence } from "../command-line/hint-sentence.ts";
import { typedCommand } from "../command-line/typed-command.ts";
import { openPlatform } from "../platform/open-platform.ts";
import { canChangeRoutes } from "../platform/open-route-control.ts";
import { runDaemon } from "./daemon.ts";
import { exitCodeOf, hintOf } from "./daemon-error.ts";
import { loadConfig } from "./load-config.ts";
import { type Logger, openLogger } from "./logger.ts";
import { chooseMode } from "./mode.ts";
import { defaultPaths } from "./paths.ts";
import { openPeerReader } from "./peer.ts";
import { listenToSignals } from "./process-signals.ts";
import { createProgram, type StartFlags } from "./program.ts";
import type { Notifier } from "./service/notifier.ts";

const files = {
  netwatchd: fileURLToPath(import.meta.url),
  netwatch: fileURLToPath(new URL("../cli/main.js", import.meta.url)),
};
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
      nextCommand: typedCommand(
        {
          searchPath: process.env.PATH ?? "",
          workingDirectory: process.cwd(),
          program: "netwatch",
          file: files.netwatch,
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

const program = createProgram(paths, {
  start,
  checkConfig,
  async installService(flags) {
    const { installServiceHere } = await import("./service/service-commands.ts");
    await installServiceHere(flags, files);
  },
  async uninstallService(flags) {
    const { uninstallServiceHere } = await import("./service/service-commands.ts");
    await uninstallServiceHere(flags, files);
  },
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
  if (hint !== null) process.stderr.write(`${asSentence(hint)}\n`);
  return exitCodeOf(error);
}
