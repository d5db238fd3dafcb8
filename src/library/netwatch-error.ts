export type NetwatchErrorCode =
  /** An option has a value that it cannot have. */
  | "bad-option"
  /** The host has no address of the families asked for. */
  | "no-address"
  /** The lease leads nowhere now. */
  | "no-interface"
  /** What was asked for would leave the interface that the socket is bound to. */
  | "not-bound";

/** The library could not do what it was asked for. */
export class NetwatchError extends Error {
  override readonly name = "NetwatchError";
  readonly code: NetwatchErrorCode;

  constructor(code: NetwatchErrorCode, action: string, why: string) {
    super(`cannot ${action}: ${why}`);
    this.code = code;
  }
}
