#!/usr/bin/env node
import { exitCodes } from "./exit-codes.ts";
import { runProgram } from "./program.ts";

// `netwatch events | head -1`: the reader has what it wanted.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? exitCodes.done : exitCodes.failed);
});

// Not process.exit(): what a slow pipe has not taken yet is still to be written.
process.exitCode = await runProgram(process.argv.slice(2), {
  platform: process.platform,
  uid: process.geteuid?.() ?? -1,
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  now: () => Date.now(),
});
