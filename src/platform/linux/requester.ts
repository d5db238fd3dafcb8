import { setImmediate as nextTurn } from "node:timers/promises";
import { type Datagram, NetlinkSocket } from "../../../native-bindings/linux/netlink-socket.ts";
import { describeErrno, SyscallError } from "../../../native-bindings/syscall-error.ts";
import { PlatformError } from "../../platform/platform-error.ts";
import { DecodeError } from "../../wire/decode-error.ts";
import type { ErrorMessage } from "../../wire/netlink/error.ts";
import { forEachReply, type ReplyProgress } from "../../wire/netlink/reply.ts";
import { KernelError } from "./kernel-error.ts";
import { platformCodeOf, platformFailure } from "./platform-failure.ts";
import { traceablePortIds } from "./port-owner.ts";

/** A socket for requests: a blocking NetlinkSocket, or a test's double. */
export interface RequestTransport extends Disposable {
  send(bytes: Uint8Array): void;
  /** The next datagram, whole; null when none came in time. */
  receiveWhole(): Datagram | null;
  setReceiveTimeout(timeoutMs: number): void;
}

/** Makes one value of the buffers of a dump. A dump that has to be repeated begins with a new reader. */
export interface DumpReader<Value> {
  /** `enough` ends the dump early. The buffer is overwritten afterwards. */
  take(buffer: Uint8Array, seq: number): ReplyProgress & { readonly enough?: boolean };
  finish(): Value;
}

/** rtnetlink answers in the caller's own time; what takes longer than this waits for a lock that nobody gives back. */
const replyTimeoutMs = 2_000;

/** How long a dump may hold the event loop at a time. */
const sliceMs = 5;

const dumpAttempts = 8;

/** The kernel hands out dumps in buffers of up to 32 KiB; a longer message makes the buffer grow. */
const bufferBytes = 32_768;

/** How a dump ended, and whether its socket has given all that it had to give. */
interface DumpEnd {
  readonly how: "done" | "interrupted" | KernelError;
  readonly whole: boolean;
}

/** Opens a blocking socket that checks requests strictly and explains refusals. */
export function openRequestTransport(): RequestTransport {
  return prepareRequestSocket(NetlinkSocket.open({ nonBlocking: false, bufferBytes }));
}

/**
 * Opens a socket like that of openRequestTransport(), whose port id holds the id of this process in its low 22
 * bits: whoever sees that port id in a notification can tell who asked.
 */
export function openTraceableTransport(): RequestTransport {
  const portIds = traceablePortIds(process.pid);
  return prepareRequestSocket(NetlinkSocket.open({ nonBlocking: false, bufferBytes, portIds }));
}

function prepareRequestSocket(socket: NetlinkSocket): NetlinkSocket {
  try {
    socket.setReceiveTimeout(replyTimeoutMs);
    socket.enable("extAck");
    socket.enable("capAck");
    socket.enable("strictCheck");
    return socket;
  } catch (error) {
    socket[Symbol.dispose]();
    throw error;
  }
}

/** Asks the kernel: small questions at once on one socket, dumps each on a socket that no other dump uses. */
export class Requester implements Disposable {
  readonly #open: () => RequestTransport;
  #transport: RequestTransport | null = null;
  /** A dump that was read to its end leaves nothing behind: the next one can have its socket. */
  #spare: RequestTransport | null = null;
  #seq = 0;
  #disposed = false;

  constructor(open: () => RequestTransport = openRequestTransport) {
    this.#open = open;
  }

  /**
   * Asks for one thing and waits for it, which takes some 20 microseconds.
   *
   * @returns what `decode` made of the reply's body, or the kernel's refusal
   * @throws PlatformError when there was no answer
   */
  ask<Value>(
    action: string,
    encode: (seq: number) => Uint8Array,
    decode: (body: Uint8Array) => Value,
  ): Value | KernelError {
    return this.#guard(action, () => {
      this.#transport ??= this.#open();
      const exchange = this.#exchange(this.#transport, action, encode, decode);
      if (exchange.outcome.error < 0) return refusal(exchange.outcome);
      const { it } = exchange.value ?? missingReply();
      return it;
    });
  }

  /**
   * Asks for a change and waits for the acknowledgement.
   *
   * @returns null when the kernel agreed, or its refusal
   * @throws PlatformError when there was no answer: whether the change was made can only be read
   */
  change(action: string, encode: (seq: number) => Uint8Array): KernelError | null {
    return this.#guard(action, () => {
      this.#transport ??= this.#open();
      const { outcome } = this.#exchange(this.#transport, action, encode, () => undefined);
      return outcome.error < 0 ? refusal(outcome) : null;
    });
  }

  /**
   * Takes a dump buffer by buffer, and lets the event loop turn after each few milliseconds. A dump during which
   * the table changed (NLM_F_DUMP_INTR) is repeated.
   *
   * @returns what the reader made of it, or the kernel's refusal
   * @throws PlatformError when there was no answer, or `interrupted` when the table never held still
   */
  async dump<Value>(
    action: string,
    encode: (seq: number) => Uint8Array,
    begin: () => DumpReader<Value>,
    signal: AbortSignal,
  ): Promise<Value | KernelError> {
    for (let attempt = 0; attempt < dumpAttempts; attempt += 1) {
      signal.throwIfAborted();
      const reader = begin();
      const end = await this.#dumpOnce(action, encode, reader, signal);
      if (end === "done") return reader.finish();
      if (end !== "interrupted") return end;
      await nextTurn();
    }
    throw new PlatformError(
      "interrupted",
      action,
      new Error(`the table changed during each of ${dumpAttempts} reads`),
    );
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#drop();
  }

  #drop(): void {
    this.#transport?.[Symbol.dispose]();
    this.#transport = null;
    this.#spare?.[Symbol.dispose]();
    this.#spare = null;
  }

  #exchange<Value>(
    transport: RequestTransport,
    action: string,
    encode: (seq: number) => Uint8Array,
    decode: (body: Uint8Array) => Value,
  ): { readonly outcome: ErrorMessage; readonly value: { readonly it: Value } | null } {
    const seq = this.#nextSeq();
    const deadline = performance.now() + replyTimeoutMs;
    transport.send(encode(seq));
    let shortened = false;
    for (;;) {
      const { bytes } = receiveReply(transport, action);
      let value: { readonly it: Value } | null = null;
      const { outcome } = forEachReply(bytes, bytes.length, seq, (_type, offset, length) => {
        value = { it: decode(bytes.subarray(offset, offset + length)) };
      });
      if (outcome !== null) {
        if (shortened) transport.setReceiveTimeout(replyTimeoutMs);
        return { outcome, value };
      }
      // The late reply to a request that was given up: the deadline counts on from the beginning.
      const left = deadline - performance.now();
      if (left <= 0) throw new PlatformError("timeout", action);
      transport.setReceiveTimeout(left);
      shortened = true;
    }
  }

  async #dumpOnce(
    action: string,
    encode: (seq: number) => Uint8Array,
    reader: DumpReader<unknown>,
    signal: AbortSignal,
  ): Promise<"done" | "interrupted" | KernelError> {
    const seq = this.#nextSeq();
    const transport = this.#spare ?? this.#guard(action, this.#open);
    this.#spare = null;
    let ended = false;
    try {
      const end = await this.#takeDump(transport, action, encode(seq), seq, reader, signal);
      ended = end.whole;
      return end.how;
    } finally {
      if (ended && this.#spare === null && !this.#disposed) this.#spare = transport;
      else transport[Symbol.dispose]();
    }
  }

  async #takeDump(
    transport: RequestTransport,
    action: string,
    request: Uint8Array,
    seq: number,
    reader: DumpReader<unknown>,
    signal: AbortSignal,
  ): Promise<DumpEnd> {
    this.#guard(action, () => transport.send(request));
    let sliceEnd = performance.now() + sliceMs;
    for (;;) {
      const progress = this.#guard(action, () => takeBuffer(transport, action, reader, seq));
      if (progress === "interrupted" || progress.interrupted)
        return { how: "interrupted", whole: false };
      if (progress.outcome !== null) {
        const how = progress.outcome.error < 0 ? refusal(progress.outcome) : "done";
        return { how, whole: true };
      }
      if (progress.enough === true) return { how: "done", whole: false };
      if (performance.now() < sliceEnd) continue;
      await nextTurn();
      signal.throwIfAborted();
      sliceEnd = performance.now() + sliceMs;
    }
  }

  #nextSeq(): number {
    this.#seq = (this.#seq % 0x7fff_ffff) + 1;
    return this.#seq;
  }

  /** Gives errors from below their place, and drops the socket that failed: the next request opens another. */
  #guard<Value>(action: string, work: () => Value): Value {
    try {
      return work();
    } catch (error) {
      this.#drop();
      throw platformFailure(action, error);
    }
  }
}

/** A refusal as the error that a caller sees who cannot do without the answer. */
export function refused(action: string, error: KernelError): PlatformError {
  return new PlatformError(platformCodeOf(error.code), action, error);
}

function takeBuffer(
  transport: RequestTransport,
  action: string,
  reader: DumpReader<unknown>,
  seq: number,
): ReturnType<DumpReader<unknown>["take"]> | "interrupted" {
  try {
    return reader.take(receiveReply(transport, action).bytes, seq);
  } catch (error) {
    // A part of the dump was dropped for want of memory: it is as good as interrupted.
    if (error instanceof SyscallError && error.code === "ENOBUFS") return "interrupted";
    throw error;
  }
}

function receiveReply(transport: RequestTransport, action: string): Datagram {
  for (;;) {
    const datagram = transport.receiveWhole();
    if (datagram === null) throw new PlatformError("timeout", action);
    // Another process may send to this port; only the kernel has port id 0 as its address.
    if (datagram.senderPortId === 0) return datagram;
  }
}

function refusal(outcome: ErrorMessage): KernelError {
  const errno = -outcome.error;
  return new KernelError(describeErrno(errno), errno, outcome.message, outcome.offset);
}

function missingReply(): never {
  throw new DecodeError("truncated", "the kernel agreed without giving what was asked for");
}
