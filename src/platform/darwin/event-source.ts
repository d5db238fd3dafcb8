import { SyscallError } from "../../../native-bindings/syscall-error.ts";
import { HintStream } from "../../platform/hint-stream.ts";
import type { ChangeHint, ChangeSource, SourceCounters } from "../../platform/platform.ts";
import { PlatformError } from "../../platform/platform-error.ts";
import { ProbeAnswers } from "../../platform/probe-answers.ts";
import { DecodeError } from "../../wire/decode-error.ts";
import { RTM } from "../../wire/pfroute/constants.ts";
import { darwinFormat } from "../../wire/pfroute/format.ts";
import { encodeRequest } from "../../wire/pfroute/request.ts";
import { hintsOf, isCredible } from "./message-hint.ts";
import type { RouteWitness } from "./route-witness.ts";
import type { DoorbellPort, RoutingSocket, RoutingSocketPort } from "./routing-socket-port.ts";
import type { Sequence } from "./sequence.ts";

/** What the event sockets of a platform count together, from its opening on. */
export type SourceCounts = {
  -readonly [Name in Exclude<
    keyof SourceCounters,
    "kind" | "open" | "receiveBufferBytes" | "dropped"
  >]: SourceCounters[Name];
};

export function emptySourceCounts(): SourceCounts {
  return {
    lastMessageAt: null,
    messages: 0,
    filtered: 0,
    foreign: 0,
    overflows: 0,
    undecodable: 0,
  };
}

export interface EventSourceOptions {
  readonly routing: RoutingSocketPort;
  readonly receiveBufferBytes: number;
  readonly sequence: Sequence;
  readonly counts: SourceCounts;
  readonly witness: Pick<RouteWitness, "hear">;
  readonly doorbell: DoorbellPort | null;
  /** What the doorbell rings, as it says nothing of what changed. */
  readonly everyDoor: () => readonly ChangeHint[];
  /** Called once, when the socket is closed; with an aborted signal already from the constructor. */
  readonly closed: (source: EventSource) => void;
}

/** How long one drain may hold the event loop; the port calls back for the rest. */
const sliceMs = 8;
const messagesBetweenClockReadings = 64;

/** 127.0.0.1 has a route as long as there is a loopback interface. */
const loopbackAddress = Uint8Array.of(127, 0, 0, 1);

/**
 * Turns what arrives on a routing socket into batches of hints. XNU drops what does not fit the socket's buffer and
 * says so nowhere, so there is no overflow to be told of: only a probe that stays unanswered, or a read that finds
 * what nobody told.
 *
 * @throws what the port throws when it opens the socket
 */
export class EventSource implements ChangeSource {
  readonly #options: EventSourceOptions;
  readonly #signal: AbortSignal;
  readonly #stream = new HintStream();
  readonly #socket: RoutingSocket;
  readonly #doorbell: Disposable | null;
  readonly #probes = new ProbeAnswers();

  constructor(options: EventSourceOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    const { routing, receiveBufferBytes, doorbell } = options;
    this.#socket = routing.open({
      receiveBufferBytes,
      // A probe is a question whose answer must come back to this very socket.
      useLoopback: true,
      onReadable: () => this.#drain(),
    });
    this.#doorbell = listenTo(doorbell, () => this.#ringEveryDoor());
    signal.addEventListener("abort", this.#close, { once: true });
    if (signal.aborted) this.#close();
  }

  /** What the kernel granted. */
  get receiveBufferBytes(): number {
    return this.#socket.receiveBufferBytes;
  }

  async probe(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    if (!this.#stream.open || signal.aborted) return false;
    const seq = this.#options.sequence();
    const answered = this.#probes.wait(seq, timeoutMs, signal);
    // Whatever the kernel thinks of the question, it tells every socket.
    this.#socket.send(encodeProbe(this.#options.routing.pid, seq));
    return answered;
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
    this.#doorbell?.[Symbol.dispose]();
    this.#socket.close();
    this.#options.closed(this);
    this.#probes.end();
  }

  #ringEveryDoor(): void {
    if (!this.#stream.open) return;
    this.#orEnd(() => {
      for (const hint of this.#options.everyDoor()) this.#stream.ring(hint);
    });
    this.#stream.flush();
  }

  #drain(): void {
    const deadline = performance.now() + sliceMs;
    this.#orEnd(() => {
      for (let taken = 1; this.#stream.open; taken += 1) {
        const datagram = this.#socket.receive();
        if (datagram === null) break;
        this.#take(datagram);
        if (taken % messagesBetweenClockReadings === 0 && performance.now() > deadline) break;
      }
    });
    this.#stream.flush();
  }

  #orEnd(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      this.#end(new PlatformError("socket-lost", "receive kernel messages", error));
    }
  }

  #take(datagram: Uint8Array): void {
    const { counts } = this.#options;
    if (!isCredible(datagram)) {
      counts.foreign += 1;
      return;
    }
    counts.messages += 1;
    counts.lastMessageAt = Date.now();
    if (datagram[3] === RTM.GET) this.#answerProbe(datagram);
    try {
      const hints = hintsOf(datagram);
      if (hints.length === 0) counts.filtered += 1;
      for (const hint of hints) this.#stream.ring(hint);
      if (hints.length > 0) this.#options.witness.hear(datagram);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      counts.undecodable += 1;
      this.#stream.ring({ kind: "all", reason: "undecodable" });
    }
  }

  #answerProbe(datagram: Uint8Array): void {
    const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
    if (view.getInt32(probeLayout.pid, true) !== this.#options.routing.pid) return;
    this.#probes.answered(view.getInt32(probeLayout.seq, true));
  }
}

/** A second doorbell is a comfort: without it, the next read of everything finds what it would have told. */
function listenTo(doorbell: DoorbellPort | null, ring: () => void): Disposable | null {
  try {
    return doorbell?.listen(ring) ?? null;
  } catch {
    return null;
  }
}

const probeLayout = answerLayout();

/** Where pid and seq stand in the answer to a probe. */
function answerLayout(): { readonly pid: number; readonly seq: number } {
  const layout = darwinFormat.layouts.get(RTM.GET);
  if (layout?.kind !== "route" || layout.pid === null || layout.seq === null)
    throw new RangeError("the format has no place for the number of a request");
  return { pid: layout.pid, seq: layout.seq };
}

function encodeProbe(pid: number, seq: number): Uint8Array {
  return encodeRequest(
    {
      action: "GET",
      destination: { family: "inet", address: loopbackAddress, prefixLength: null },
      gateway: null,
      scope: null,
      flags: [],
      mtu: null,
      withInterface: false,
      pid,
      seq,
    },
    darwinFormat,
  );
}
