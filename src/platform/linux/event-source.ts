import type { Datagram } from "../../../native-bindings/linux/netlink-socket.ts";
import { SyscallError } from "../../../native-bindings/syscall-error.ts";
import type { ChangeHint, ChangeSource } from "../../platform/platform.ts";
import { PlatformError } from "../../platform/platform-error.ts";
import { DecodeError } from "../../wire/decode-error.ts";
import { forEachMessage } from "../../wire/netlink/message.ts";
import { NLMSG_ERROR } from "../../wire/netlink/message-constants.ts";
import { encodeProbe } from "../../wire/netlink/request.ts";
import { HintQueue } from "./hint-queue.ts";
import type { MessageHinter } from "./message-hint.ts";
import type { RouteWitness } from "./route-witness.ts";
import type { SourceCounts } from "./source-counts.ts";

/** The socket that a source listens on: a NetlinkSocket that is non-blocking, or a test's double. */
export interface EventSocket extends Disposable {
  receive(): Datagram | null;
  send(bytes: Uint8Array): void;
  watch(callback: () => void): void;
}

export interface EventSourceOptions {
  readonly socket: EventSocket;
  readonly hinter: MessageHinter;
  readonly witness: Pick<RouteWitness, "hear">;
  readonly counts: SourceCounts;
  /** Called once, before the socket is closed; with an aborted signal already from the constructor. */
  readonly closed: (source: EventSource) => void;
}

interface Waiter {
  resolve(result: IteratorResult<readonly ChangeHint[], undefined>): void;
  reject(error: Error): void;
}

type Result = IteratorResult<readonly ChangeHint[], undefined>;

/** How long one drain may hold the event loop; the watch is level-triggered and comes back for the rest. */
const sliceMs = 8;
const messagesBetweenClockReadings = 64;

/** Turns what arrives on an event socket into batches of hints. Owns the socket. */
export class EventSource implements ChangeSource {
  readonly #options: EventSourceOptions;
  readonly #signal: AbortSignal;
  readonly #queue = new HintQueue();
  readonly #probes = new Map<number, () => void>();
  #lastProbe = 0;
  #waiter: Waiter | null = null;
  #failure: PlatformError | null = null;
  #open = true;

  constructor(options: EventSourceOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    signal.addEventListener("abort", this.#close, { once: true });
    options.socket.watch(() => this.#drain());
    if (signal.aborted) this.#close();
  }

  async probe(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    if (!this.#open || signal.aborted) return false;
    this.#lastProbe += 1;
    const seq = this.#lastProbe;
    try {
      this.#options.socket.send(encodeProbe(seq));
    } catch (error) {
      if (error instanceof SyscallError) return false;
      throw error;
    }
    return new Promise((resolve) => {
      const end = (alive: boolean): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", giveUp);
        this.#probes.delete(seq);
        resolve(alive);
      };
      const giveUp = (): void => end(false);
      const timer = setTimeout(giveUp, timeoutMs);
      signal.addEventListener("abort", giveUp, { once: true });
      this.#probes.set(seq, () => end(this.#open));
    });
  }

  [Symbol.asyncIterator](): AsyncIterator<readonly ChangeHint[], undefined> {
    return {
      next: () => this.#next(),
      return: () => {
        this.#close();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  [Symbol.dispose](): void {
    this.#close();
  }

  #next(): Promise<Result> {
    if (this.#open || this.#failure !== null) {
      if (!this.#queue.empty) return Promise.resolve({ done: false, value: this.#queue.take() });
      if (this.#open)
        return new Promise((resolve, reject) => {
          this.#waiter = { resolve, reject };
        });
    }
    const failure = this.#failure;
    this.#failure = null;
    return failure === null
      ? Promise.resolve({ done: true, value: undefined })
      : Promise.reject(failure);
  }

  readonly #close = (): void => {
    if (!this.#open) return;
    this.#open = false;
    this.#signal.removeEventListener("abort", this.#close);
    this.#options.closed(this);
    this.#options.socket[Symbol.dispose]();
    for (const end of [...this.#probes.values()]) end();
    this.#wake();
  };

  #wake(): void {
    const waiter = this.#waiter;
    if (waiter === null) return;
    if (this.#open && this.#queue.empty) return;
    this.#waiter = null;
    this.#next().then(waiter.resolve, waiter.reject);
  }

  #fail(error: unknown): void {
    this.#failure = new PlatformError("socket-lost", "receive kernel messages", error);
    this.#close();
  }

  #drain(): void {
    const deadline = performance.now() + sliceMs;
    for (let taken = 1; this.#open; taken += 1) {
      if (!this.#receiveOne()) break;
      if (taken % messagesBetweenClockReadings === 0 && performance.now() > deadline) break;
    }
    this.#wake();
  }

  /** Takes one datagram; false when none waits. */
  #receiveOne(): boolean {
    try {
      const datagram = this.#options.socket.receive();
      if (datagram === null) return false;
      this.#take(datagram);
    } catch (error) {
      if (error instanceof DecodeError) this.#doubt("undecodable");
      else if (error instanceof SyscallError && error.code === "ENOBUFS") this.#doubt("overflow");
      else this.#fail(error);
    }
    return true;
  }

  #take(datagram: Datagram): void {
    const { counts, hinter, witness } = this.#options;
    // Any process of root's may send to this port; only the kernel has port id 0 as its address.
    if (datagram.senderPortId !== 0) {
      counts.foreign += 1;
      return;
    }
    const bytes = datagram.bytes;
    counts.lastMessageAt = Date.now();
    forEachMessage(bytes, bytes.length, (type, flags, seq, portId, offset, length) => {
      counts.messages += 1;
      if (type === NLMSG_ERROR) this.#probes.get(seq)?.();
      if (!hinter.hint(type, bytes, offset, length, this.#queue)) counts.filtered += 1;
      witness.hear(type, flags, portId, bytes, offset, length);
    });
  }

  #doubt(reason: "overflow" | "undecodable"): void {
    const { counts, hinter } = this.#options;
    if (reason === "overflow") counts.overflows += 1;
    else counts.undecodable += 1;
    hinter.reset();
    this.#queue.ring({ kind: "all", reason });
  }
}
