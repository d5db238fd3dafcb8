import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** The built program, as a user starts it. */
export const netwatch = join(import.meta.dirname, "../../dist/bin/cli/main.js");

export interface RunningCommand extends AsyncDisposable {
  readonly child: ChildProcess;
  /** What it has printed so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves with the exit code, or the signal's name, when it has ended and all its output is here. */
  readonly ended: Promise<number | string>;
}

/** Starts a command with pipes for its output. Disposing of it kills what still runs. */
export function startCommand(command: string, words: readonly string[]): RunningCommand {
  const env = { ...process.env, TZ: "UTC", TERM: "xterm", NO_COLOR: "" };
  const child = spawn(command, words, { stdio: ["pipe", "pipe", "pipe"], env });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = once(child, "close").then(([code, signal]) => (code ?? signal) as number | string);
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Starts `netwatch` with these words. */
export function startNetwatch(...words: readonly string[]): RunningCommand {
  return startCommand(process.execPath, [netwatch, ...words]);
}
