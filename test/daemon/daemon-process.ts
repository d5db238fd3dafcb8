import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "../namespace/namespace.ts";

const mainFile = fileURLToPath(new URL("../../dist/bin/daemon/main.js", import.meta.url));

/** A `netwatchd` as a user starts it. It is killed when disposed of. */
export interface DaemonProcess extends Disposable {
  readonly child: ChildProcess;
  /** What it has said on stderr so far. */
  readonly log: () => string;
  readonly output: () => string;
  /** Waits for its end; gives the exit code, or the signal that ended it. */
  exit(): Promise<number | NodeJS.Signals>;
}

/** Starts the built program with these words, by `launcher` when there is one. */
export function startNetwatchd(
  words: readonly string[],
  launcher: readonly string[] = [],
): DaemonProcess {
  const [command = "", ...rest] = [...launcher, process.execPath, mainFile, ...words];
  const child = spawn(command, rest, { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  let closed = false;
  child.once("close", () => {
    closed = true;
  });
  return {
    child,
    log: () => log,
    output: () => output,
    exit: async () => {
      await until(`the end of netwatchd; it said: ${log}`, () => closed);
      return child.exitCode ?? child.signalCode ?? 0;
    },
    [Symbol.dispose]: () => void child.kill("SIGKILL"),
  };
}

/** The words of a daemon over the memory platform, in a directory of the test's own. */
export function startWords(directory: string, config = ""): string[] {
  const file = join(directory, "config.toml");
  writeFileSync(file, config);
  const socket = join(directory, "s");
  return [
    "start",
    "--platform",
    "memory",
    "--log",
    "readable",
    "--config",
    file,
    "--socket",
    socket,
  ];
}

/** Waits until a daemon has said that it stands. */
export async function untilStarted(daemon: DaemonProcess): Promise<void> {
  await until("the daemon to stand", () => {
    if (daemon.child.exitCode !== null) throw new Error(`it ended: ${daemon.log()}`);
    return daemon.log().includes("ask with:");
  });
}
