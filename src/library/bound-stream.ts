import { Socket, type SocketConstructorOpts } from "node:net";
import { NetwatchError } from "./netwatch-error.ts";

/**
 * A TCP socket around a descriptor that is bound already. Node would make a new one, bound to nothing, to connect it a
 * second time: that is refused.
 */
export class BoundStream extends Socket {
  #hasBegun = false;
  #explain: ((error: Error) => Error) | null = null;

  constructor(options: SocketConstructorOpts) {
    super(options);
  }

  /** What an error is to be told as from now on. */
  explainWith(explain: (error: Error) => Error): void {
    this.#explain = explain;
  }

  override connect(...args: unknown[]): this {
    if (this.#hasBegun)
      throw new NetwatchError(
        "not-bound",
        "connect a socket again",
        "it would not be bound any more; ask connect() of netwatch for another",
      );
    this.#hasBegun = true;
    return Reflect.apply(super.connect, this, args) as this;
  }

  override destroy(error?: Error): this {
    return super.destroy(error === undefined ? error : (this.#explain?.(error) ?? error));
  }
}
