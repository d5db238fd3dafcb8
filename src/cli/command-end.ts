import type { ExitCode } from "./exit-codes.ts";

/** A command has printed what it had to say; the program ends with this code and says no more. */
export class CommandEnd extends Error {
  override readonly name = "CommandEnd";
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode) {
    super(`the command ended with ${exitCode}`);
    this.exitCode = exitCode;
  }
}
