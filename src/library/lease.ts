import { setTimeout as delay } from "node:timers/promises";
import type { LeaseBinding, LeaseLine, LeaseRequestInput } from "../admin-api/lease-schema.ts";
import { type AdminClient, createAdminClient } from "../admin-client/admin-client.ts";
import { type LeaseLines, openLeaseLines } from "../admin-client/lease-lines.ts";
import { socketsToTry } from "../admin-client/sockets-to-try.ts";
import { type Broadcast, createBroadcast } from "../monitor/broadcast.ts";
import type { IpFamily } from "../network/address.ts";
import type { Binding, BindingOptions } from "./binding.ts";
import { NetwatchError } from "./netwatch-error.ts";
import { openLiveBinding } from "./open-binding.ts";
import type { DaemonChoice, Surroundings } from "./surroundings.ts";

/** What happened to a lease: a line of the daemon's, or that the daemon is away. */
export type LeaseEvent =
  | LeaseLine
  | { readonly kind: "disconnected"; readonly time: string; readonly reason: string };

/** Why a lease is no more. */
export interface LeaseEnd {
  readonly because:
    | Extract<LeaseLine, { kind: "released" }>["because"]
    | "given-up"
    | "disconnected";
  readonly reason: string;
}

export interface LeaseOptions extends Pick<DaemonChoice, "socket"> {
  readonly onEvent?: (event: LeaseEvent) => void;
  readonly signal?: AbortSignal;
}

/** A wish that netwatchd fulfils while this stands. Disposing of it gives it up, and so does the end of the process. */
export interface Lease extends AsyncDisposable {
  /** Another one after the daemon could not give back the old. */
  readonly id: string;
  /** What the lease gives, for each family, as it is now. */
  readonly bindings: readonly LeaseBinding[];
  /** Resolves when the lease is no more. */
  readonly ended: Promise<LeaseEnd>;
  /** Calls back with what happens from now on; gives a function that ends it. */
  onEvent(listener: (event: LeaseEvent) => void): () => void;
  /** A binding to the interface of the lease, which goes along where the policy lets it and the lease moves. */
  openBinding(
    options?: Omit<BindingOptions, "interface" | "index" | "generation">,
  ): Promise<Binding>;
  /** The same as disposing of it, for where `await using` is not to be had. */
  release(): Promise<void>;
}

type LaterLines = LeaseLines["later"];

const action = "take a lease";
const firstRetryMs = 100;
const slowestRetryMs = 2_000;

/**
 * Asks netwatchd for a lease and holds it. With `ttlMs` in the request the lease outlives a broken connection by that
 * time, and is claimed back.
 *
 * @throws AdminClientError when the daemon does not answer, or refuses
 */
export async function takeLease(
  request: LeaseRequestInput,
  options: LeaseOptions,
  surroundings: Surroundings,
): Promise<Lease> {
  const client = createAdminClient(socketsToTry(surroundings, options.socket));
  const held = new HeldLease(client, request, options, surroundings);
  await held.begin();
  return held;
}

class HeldLease implements Lease {
  readonly ended: Promise<LeaseEnd>;
  readonly #client: AdminClient;
  readonly #request: LeaseRequestInput;
  readonly #options: LeaseOptions;
  readonly #surroundings: Surroundings;
  readonly #events: Broadcast<LeaseEvent> = createBroadcast();
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;
  #end: (end: LeaseEnd) => void = () => undefined;
  #id = "";
  #bindings: readonly LeaseBinding[] = [];
  #running: Promise<void> = Promise.resolve();

  constructor(
    client: AdminClient,
    request: LeaseRequestInput,
    options: LeaseOptions,
    surroundings: Surroundings,
  ) {
    this.#client = client;
    this.#request = request;
    this.#options = options;
    this.#surroundings = surroundings;
    this.#signal =
      options.signal === undefined
        ? this.#closing.signal
        : AbortSignal.any([this.#closing.signal, options.signal]);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    if (options.onEvent !== undefined) this.onEvent(options.onEvent);
  }

  async begin(): Promise<void> {
    const lines = await this.#open(this.#request);
    this.#running = this.#hold(lines);
  }

  get id(): string {
    return this.#id;
  }

  get bindings(): readonly LeaseBinding[] {
    return this.#bindings;
  }

  onEvent(listener: (event: LeaseEvent) => void): () => void {
    return this.#events.listen(listener);
  }

  async openBinding(
    options: Omit<BindingOptions, "interface" | "index" | "generation"> = {},
  ): Promise<Binding> {
    const families = options.families ?? this.#bindings.map(({ family }) => family);
    const now = this.#place(families);
    if (now === null)
      throw new NetwatchError("no-interface", "bind to a lease", "it has no interface yet");
    const chosen = { ...pickSocket(this.#options), ...options, families, ...now };
    const binding = await openLiveBinding(chosen, this.#surroundings);
    const end = this.onEvent(() => {
      const place = this.#place(families);
      if (binding.isClosed) end();
      else if (place !== null && place.interface !== binding.interface)
        binding.aimAt(place.interface);
    });
    return binding;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  async release(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  /** Resolves when the lease is granted; the lines after that one then come. */
  async #open(request: LeaseRequestInput): Promise<LaterLines> {
    const lines = await openLeaseLines(this.#client, request, action, this.#signal);
    this.#take(lines.granted);
    return lines.later;
  }

  async #hold(first: LaterLines): Promise<void> {
    let lines: LaterLines | null = first;
    while (lines !== null) {
      const reason = await this.#read(lines);
      if (reason === null) return;
      lines = await this.#claim(reason);
    }
  }

  /** Reads until the lease ended, then null; else why the connection did. */
  async #read(lines: LaterLines): Promise<string | null> {
    let reason = "netwatchd ended the connection";
    try {
      for await (const line of lines) {
        this.#take(line);
        if (line.kind !== "released") continue;
        this.#end({ because: line.because, reason: line.reason });
        return null;
      }
    } catch (error) {
      if (error instanceof Error) reason = error.message;
    }
    return this.#isGivenUp() ? null : reason;
  }

  /** Asks for the lease again while it still stands; null when that was in vain. */
  async #claim(reason: string): Promise<LaterLines | null> {
    const until = performance.now() + (this.#request.ttlMs ?? 0);
    this.#bindings = [];
    this.#events.tell({ kind: "disconnected", time: new Date().toISOString(), reason });
    let retryMs = firstRetryMs;
    while (performance.now() < until) {
      try {
        return await this.#open({ ...this.#request, claim: this.#id });
      } catch {
        await delay(retryMs, undefined, { signal: this.#signal }).catch(() => undefined);
        if (this.#isGivenUp()) return null;
        retryMs = Math.min(retryMs * 2, slowestRetryMs);
      }
    }
    this.#end({ because: "disconnected", reason });
    return null;
  }

  #isGivenUp(): boolean {
    if (!this.#signal.aborted) return false;
    this.#end({ because: "given-up", reason: "the program that held it gave it up" });
    return true;
  }

  #take(line: LeaseLine): void {
    this.#id = line.id;
    this.#bindings = line.bindings;
    this.#events.tell(line);
  }

  /** Where the lease leads now, in the first of these families that has an interface. */
  #place(
    families: readonly IpFamily[],
  ): Required<Pick<BindingOptions, "interface" | "index" | "generation">> | null {
    for (const { family, interface: name, index, generation } of this.#bindings)
      if (name !== null && families.includes(family)) return { interface: name, index, generation };
    return null;
  }
}

function pickSocket({ socket }: LeaseOptions): Pick<DaemonChoice, "socket"> {
  return socket === undefined ? {} : { socket };
}
