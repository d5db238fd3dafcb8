import { DecodeError } from "../../wire/decode-error.ts";
import { RTM } from "../../wire/pfroute/constants.ts";
import { darwinFormat } from "../../wire/pfroute/format.ts";
import { decodeDatagram, peekMessageType, type RouteMessage } from "../../wire/pfroute/message.ts";
import { encodeRequest, type RouteRequest } from "../../wire/pfroute/request.ts";
import { isCredible } from "./message-hint.ts";
import { Errno } from "./routing-error.ts";
import type { RoutingSocket, RoutingSocketPort } from "./routing-socket-port.ts";
import type { Sequence } from "./sequence.ts";

/** A request before it has a number. */
export type RouteQuestion = Omit<RouteRequest, "pid" | "seq">;

/** What became of a request. `lost`: the kernel did as asked and its answer did not come. */
export type RouteOutcome =
  | { readonly kind: "answered"; readonly message: RouteMessage }
  | { readonly kind: "refused"; readonly errno: number }
  | { readonly kind: "lost" };

/** A request is answered before write(2) returns; what takes longer than this was lost. */
const replyTimeoutMs = 200;

/** A question that changes nothing may be asked again. */
const questionAttempts = 3;

/** Room for some hundred messages of others that come between a request and its answer. */
const receiveBufferBytes = 65_536;

/**
 * Asks the kernel over a routing socket of its own. The socket is opened for some questions and closed again: one
 * that nobody reads is soon full of what is told to everyone, and then loses answers without a sign.
 */
export class RouteRequester implements Disposable {
  readonly #pid: number;
  readonly #socket: RoutingSocket;
  readonly #sequence: Sequence;
  #wake: () => void = () => undefined;
  #deaf = false;

  /** Opens the socket. */
  constructor(routing: RoutingSocketPort, sequence: Sequence) {
    this.#pid = routing.pid;
    this.#sequence = sequence;
    this.#socket = routing.open({
      receiveBufferBytes,
      useLoopback: true,
      onReadable: () => this.#wake(),
    });
  }

  /**
   * Asks what changes nothing, up to three times with a new number each. After a question that was lost three times
   * the socket counts as deaf: any other is lost at once.
   */
  async ask(question: RouteQuestion, signal: AbortSignal): Promise<RouteOutcome> {
    signal.throwIfAborted();
    if (this.#deaf) return { kind: "lost" };
    const startedAt = performance.now();
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#send(question, startedAt + attempt * replyTimeoutMs, signal);
      if (outcome.kind !== "lost") return outcome;
      this.#deaf = attempt === questionAttempts;
      if (this.#deaf) return outcome;
    }
  }

  /**
   * Asks for a change, once: what became of a request whose answer was lost is to be read, as a second one would
   * find the work of the first.
   */
  tell(request: RouteQuestion, signal: AbortSignal): Promise<RouteOutcome> {
    return this.#send(request, performance.now() + replyTimeoutMs, signal);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  /** The errno of the write is the kernel's word; only the answer itself is a message, and can be lost. */
  async #send(
    question: RouteQuestion,
    deadline: number,
    signal: AbortSignal,
  ): Promise<RouteOutcome> {
    signal.throwIfAborted();
    const seq = this.#sequence();
    const errno = this.#socket.send(
      encodeRequest({ ...question, pid: this.#pid, seq }, darwinFormat),
    );
    if (errno !== Errno.OK) return { kind: "refused", errno };
    for (;;) {
      const message = this.#find(RTM[question.action], seq);
      if (message !== null) return { kind: "answered", message };
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) return { kind: "lost" };
      await this.#readable(leftMs, signal);
      signal.throwIfAborted();
    }
  }

  /** Takes what waits, up to the answer with this type and number to this process. */
  #find(type: number, seq: number): RouteMessage | null {
    for (let bytes = this.#socket.receive(); bytes !== null; bytes = this.#socket.receive()) {
      if (peekMessageType(bytes) !== type || !isCredible(bytes)) continue;
      // The socket's buffer is overwritten by what it receives next.
      const message = decoded(bytes.slice());
      if (message?.pid === this.#pid && message.seq === seq && message.errno === 0) return message;
    }
    return null;
  }

  #readable(timeoutMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        this.#wake = () => undefined;
        resolve();
      };
      const timer = setTimeout(end, timeoutMs);
      signal.addEventListener("abort", end, { once: true });
      this.#wake = end;
    });
  }
}

/** Null for what nobody can read: it is no answer of the kernel's. */
function decoded(datagram: Uint8Array): RouteMessage | null {
  try {
    const message = decodeDatagram(datagram, darwinFormat);
    return message.kind === "route" ? message : null;
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}
