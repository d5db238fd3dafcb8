import { libcFunction } from "./libc.ts";
import { checkResult } from "./syscall-error.ts";

const close = libcFunction<[fd: number], number>("int close(int fd)");

/** A descriptor that belongs to this object alone: closed once, and never used after. */
export class FileDescriptor implements Disposable {
  #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * The number, for a system call at once; never to be kept.
   *
   * @throws RangeError after the descriptor was disposed of
   */
  get fd(): number {
    if (this.#fd < 0) throw new RangeError("cannot use a descriptor: it is closed");
    return this.#fd;
  }

  get closed(): boolean {
    return this.#fd < 0;
  }

  /** Gives the descriptor up without closing it: it belongs to somebody else now. */
  release(): void {
    this.#fd = -1;
  }

  /** Closes the descriptor; nothing happens the second time. */
  [Symbol.dispose](): void {
    if (this.#fd < 0) return;
    const fd = this.#fd;
    // Linux releases the number even when close(2) fails: trying again could close another's descriptor.
    this.#fd = -1;
    checkResult(close(fd), "close", "close a descriptor");
  }
}
