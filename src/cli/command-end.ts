/** A command has printed what it had to say; the program ends with this code and says no more. */
export class CommandEnd extends Error {
  override readonly name = "CommandEnd";
  /** One of `exitCodes`, or that of a program that was run. */
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`the command ended with ${exitCode}`);
    this.exitCode = exitCode;
  }
}
