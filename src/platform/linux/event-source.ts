import type { Datagram } from "../../../native-bindings/linux/netlink-socket.ts";
import { SyscallError } from "../../../native-bindings/syscall-error.ts";
import { HintStream } from "../../platform/hint-stream.ts";
import type { ChangeHint, ChangeSource } from "../../platform/platform.ts";
import { PlatformError } from "../../platform/platform-error.ts";
import { ProbeAnswers } from "../../platform/probe-answers.ts";
import { DecodeError } from "../../wire/decode-error.ts";
import { forEachMessage } from "../../wire/netlink/message.ts";
import { NLMSG_ERROR } from "../../wire/netlink/message-constants.ts";
import { encodeProbe } from "../../wire/netlink/request.ts";
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

/** How long one drain may hold the event loop; the watch is level-triggered and comes back for the rest. */
const sliceMs = 8;
const messagesBetweenClockReadings = 64;

/** Turns what arrives on an event socket into batches of hints. Owns the socket. */
export class EventSource implements ChangeSource {
  readonly #options: EventSourceOptions;
  readonly #signal: AbortSignal;
  readonly #stream = new HintStream();
  readonly #probes = new ProbeAnswers();
  #lastProbe = 0;

  constructor(options: EventSourceOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    signal.addEventListener("abort", this.#close, { once: true });
    options.socket.watch(() => this.#drain());
    if (signal.aborted) this.#close();
  }

  async probe(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    if (!this.#stream.open || signal.aborted) return false;
    this.#lastProbe += 1;
    const seq = this.#lastProbe;
    try {
      this.#options.socket.send(encodeProbe(seq));
    } catch (error) {
      if (error instanceof SyscallError) return false;
      throw error;
    }
    return this.#probes.wait(seq, timeoutMs, signal);
  }

  [Symbol.asyncIterator](): AsyncIterator<readonly ChangeHint[], undefined> {
    return {
      next: () => this.#stream.next(),
      return: () => {
        this.#close();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  [Symbol.dispose](): void {
    this.#close();
  }

  readonly #close = (): void => this.#end(null);

  #end(failure: PlatformError | null): void {
    if (!this.#stream.open) return;
    this.#stream.end(failure);
    this.#signal.removeEventListener("abort", this.#close);
    this.#options.closed(this);
    this.#options.socket[Symbol.dispose]();
    this.#probes.end();
  }

  #drain(): void {
    const deadline = performance.now() + sliceMs;
    for (let taken = 1; this.#stream.open; taken += 1) {
      if (!this.#receiveOne()) break;
      if (taken % messagesBetweenClockReadings === 0 && performance.now() > deadline) break;
    }
    this.#stream.flush();
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
      else this.#end(new PlatformError("socket-lost", "receive kernel messages", error));
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
      if (type === NLMSG_ERROR) this.#probes.answered(seq);
      if (!hinter.hint(type, bytes, offset, length, this.#stream)) counts.filtered += 1;
      witness.hear(type, flags, portId, bytes, offset, length);
    });
  }

  #doubt(reason: "overflow" | "undecodable"): void {
    const { counts, hinter } = this.#options;
    if (reason === "overflow") counts.overflows += 1;
    else counts.undecodable += 1;
    hinter.reset();
    this.#stream.ring({ kind: "all", reason });
  }
}
