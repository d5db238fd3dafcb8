import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from "node:child_process";
import { readlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** A network namespace of a test's own, alive until it is disposed of or the test's process ends. */
export interface TestNamespace extends Disposable {
  readonly pid: number;
  /** What setns(2) and `nsenter --net=` take. */
  readonly path: string;
  /** Runs `ip` inside, words separated by spaces, and gives what it printed. */
  ip(words: string): string;
  /** Runs `ip -j -d …` inside and parses the answer: the independent witness. */
  ipJson(words: string): unknown;
  /** Runs several `ip` commands in one batch: fast enough for hundreds. */
  ipBatch(lines: readonly string[]): void;
  /** Runs a command inside and gives its stdout; throws when it fails. */
  run(command: string, ...args: readonly string[]): string;
  /** Starts a command inside. */
  spawn(command: string, args: readonly string[], options?: SpawnOptions): ChildProcess;
}

/**
 * Makes a network namespace. Its holder waits on a pipe from this process, so that it ends with the test
 * even when the test is killed.
 */
export async function openNamespace(): Promise<TestNamespace> {
  const holder = spawn("unshare", ["--net", "cat"], { stdio: ["pipe", "ignore", "inherit"] });
  const pid = holder.pid;
  if (pid === undefined) throw new Error("cannot start unshare: is util-linux installed?");
  const path = `/proc/${pid}/ns/net`;
  const ours = readlinkSync("/proc/self/ns/net");
  await until(`namespace of ${pid}`, () => {
    if (holder.exitCode !== null) throw new Error(`unshare ended with ${holder.exitCode}`);
    return readlinkSync(path) !== ours;
  });
  const enter = [`--net=${path}`, "--"];
  const run = (command: string, args: readonly string[], input?: string): string =>
    execFileSync("nsenter", [...enter, command, ...args], {
      encoding: "utf8",
      input: input ?? "",
      stdio: ["pipe", "pipe", "pipe"],
      maxBuffer: 1 << 28,
    });
  const namespace: TestNamespace = {
    pid,
    path,
    ip: (words) => run("ip", words.split(" ")),
    ipJson: (words) => JSON.parse(run("ip", ["-j", "-d", ...words.split(" ")]) || "[]") as unknown,
    ipBatch: (lines) => void run("ip", ["-batch", "-"], `${lines.join("\n")}\n`),
    run: (command, ...args) => run(command, args),
    spawn: (command, args, options) =>
      spawn("nsenter", [...enter, command, ...args], options ?? {}),
    [Symbol.dispose]: () => void holder.kill("SIGKILL"),
  };
  namespace.ip("link set lo up");
  return namespace;
}

/** Polls until the condition holds; fails with what was waited for when the time is over. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    await delay(5);
  }
}
