#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { reportError } from "./cli-error.ts";
import { exitCodes } from "./exit-codes.ts";
import { plainStatusOptions } from "./plain-status.ts";
import type { Session } from "./session.ts";

// `netwatch events | head -1`: the reader has what it wanted.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? exitCodes.done : exitCodes.failed);
});

// Not process.exit(): what a slow pipe has not taken yet is still to be written.
process.exitCode = await run(process.argv.slice(2), {
  platform: process.platform,
  uid: process.geteuid?.() ?? -1,
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  // Only needed where something went wrong.
  startCommand: async () => {
    const { startCommand } = await import("./start-command.ts");
    const daemon = fileURLToPath(new URL("../daemon/main.js", import.meta.url));
    return startCommand(process.env.PATH ?? "", process.cwd(), daemon);
  },
  now: () => Date.now(),
});

async function run(words: readonly string[], session: Session): Promise<number> {
  const plain = plainStatusOptions(words);
  if (plain === null) {
    const { runProgram } = await import("./program.ts");
    return await runProgram(words, session);
  }
  try {
    const { showStatus } = await import("./show-status.ts");
    await showStatus(session, plain);
    return exitCodes.done;
  } catch (error) {
    return await reportError(error, session);
  }
}
