import { runProgram } from "../../src/cli/program.ts";
import type { Output, Session } from "../../src/cli/session.ts";

/** What a command has printed, and its exit code. */
export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Runs `netwatch` with these words in this process; a terminal of so many columns, or a pipe. */
export async function runNetwatch(words: readonly string[], columns?: number): Promise<Printed> {
  const stdout = collector(columns);
  const stderr = collector(columns);
  const session: Session = {
    platform: process.platform,
    uid: process.geteuid?.() ?? 0,
    env: { NO_COLOR: "1" },
    stdout: stdout.output,
    stderr: stderr.output,
    now: () => Date.now(),
  };
  const exitCode = await runProgram(words, session);
  return { stdout: stdout.text(), stderr: stderr.text(), exitCode };
}

function collector(columns: number | undefined): { output: Output; text(): string } {
  let text = "";
  const output: Output = {
    ...(columns === undefined ? {} : { isTTY: true, columns }),
    write(part) {
      text += part;
      return true;
    },
    once: () => undefined,
    on: () => undefined,
    off: () => undefined,
  };
  return { output, text: () => text };
}
