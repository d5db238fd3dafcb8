import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { EventLine } from "../../src/admin-api/event-schema.ts";
import type { Status } from "../../src/admin-api/status-schema.ts";
import { type TestNamespace, until } from "../namespace/namespace.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const netwatchd = join(root, "dist/bin/daemon/main.js");
export const netwatch = join(root, "dist/bin/cli/main.js");

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A netwatchd of a test's own, started in a namespace as a user starts it. */
export interface DaemonProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly directory: string;
  readonly socketPath: string;
  /** What the daemon has written to stderr until now. */
  log(): string;
  /** Runs `netwatch …` against this daemon. */
  netwatch(...args: readonly string[]): Promise<CommandResult>;
  status(): Promise<Status>;
  /** Starts `netwatch events --follow --json` from the daemon's first event on: nothing can be missed. */
  follow(...args: readonly string[]): EventFollower;
  /** Sends a signal and gives the exit code. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

export interface EventFollower extends Disposable {
  /** Every line received, in order. */
  readonly lines: readonly EventLine[];
}

/** Starts the built daemon and waits until its admin socket answers. */
export async function startDaemon(
  namespace: TestNamespace,
  options: {
    readonly config?: string;
    readonly args?: readonly string[];
    readonly nodeArgs?: readonly string[];
    /** Looks after routes, with its journal in the test's directory. */
    readonly manage?: true;
    /** Instead of one of its own, which is removed at the end. */
    readonly directory?: string;
  } = {},
): Promise<DaemonProcess> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), "netwatch-e2e-"));
  const socketPath = join(directory, "netwatchd.sock");
  // One that was killed has left it, and it is what tells that this one stands.
  rmSync(socketPath, { force: true });
  const configPath = join(directory, "config.toml");
  writeFileSync(configPath, options.config ?? "");
  const start = [
    "start",
    ...(options.manage === true ? ["--state-dir", join(directory, "state")] : ["--observe"]),
    "--socket",
    socketPath,
    "--config",
    configPath,
    "--log",
    "json",
  ];
  const child = namespace.spawn(
    process.execPath,
    [...(options.nodeArgs ?? []), netwatchd, ...start, ...(options.args ?? [])],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let log = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  await until("the admin socket", () => {
    if (child.exitCode !== null) throw new Error(`netwatchd ended with ${child.exitCode}: ${log}`);
    return existsSync(socketPath);
  });
  const run = (...args: readonly string[]): Promise<CommandResult> =>
    runCommand(process.execPath, [netwatch, "--socket", socketPath, ...args]);
  const stop = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      const exit = once(child, "exit");
      child.kill(signal);
      await exit;
    }
    return child.exitCode;
  };
  return {
    child,
    directory,
    socketPath,
    log: () => log,
    netwatch: run,
    async status() {
      const result = await run("status", "--json");
      if (result.code !== 0) throw new Error(`netwatch status: ${result.code} ${result.stderr}`);
      return JSON.parse(result.stdout) as Status;
    },
    follow: (...args) => followEvents(socketPath, args),
    stop,
    async [Symbol.asyncDispose]() {
      await stop("SIGTERM");
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Runs a command to its end, whatever its exit code. */
export async function runCommand(command: string, args: readonly string[]): Promise<CommandResult> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code: code ?? -1, stdout, stderr };
}

function followEvents(socketPath: string, args: readonly string[]): EventFollower {
  const follow = ["--socket", socketPath, "events", "--follow", "--since", "0", "--json", ...args];
  const child = spawn(process.execPath, [netwatch, ...follow], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: EventLine[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(JSON.parse(line) as EventLine);
  });
  return { lines, [Symbol.dispose]: () => void child.kill("SIGKILL") };
}
