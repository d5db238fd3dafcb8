import { setTimeout as delay } from "node:timers/promises";
import { type Broadcast, createBroadcast } from "../monitor/broadcast.ts";
import { type IpFamily, ipFamilies } from "../network/address.ts";
import type { InterfaceName } from "../platform/internet-socket.ts";
import type { Binding, BindingEvent, BindingOptions } from "./binding.ts";
import { type DeviceChange, DeviceWatch, type Standing } from "./device-watch.ts";
import type { InterfaceSight } from "./interface-sight.ts";
import {
  type BoundInterface,
  maySignalStale,
  type StaleBecause,
  StaleBindingError,
} from "./stale-binding-error.ts";
import { fateOf, type SocketAbilities, type StalePolicy } from "./stale-policy.ts";

/** A socket that hangs on a binding. */
export interface BoundParty extends SocketAbilities {
  /** What it is for, in the words of an error: `send to 192.0.2.1:53`. */
  readonly action: string;
  /** Without an error where the program itself closed the binding. */
  end(error: StaleBindingError | null): void;
  /** Binds it to this interface, or to none; called only where it said that it can. */
  bindTo(to: InterfaceName | null): void;
}

const defaultWaitMs = 10_000;

/** A binding with the sockets that hang on it, and the policy by which it decides about them. */
export class LiveBinding implements Binding {
  readonly options: BindingOptions;
  readonly families: readonly IpFamily[];
  readonly #watch: DeviceWatch;
  readonly policy: StalePolicy;
  readonly #waitMs: number;
  readonly #warn: (message: string) => void;
  readonly #events: Broadcast<BindingEvent> = createBroadcast();
  readonly #changes: Broadcast<void> = createBroadcast();
  readonly #parties = new Map<BoundParty, "bound" | "unbound">();
  #listeners = 0;
  #fallbacks = 0;
  #deadline: NodeJS.Timeout | null = null;
  #hasBegun = false;
  #isClosed = false;

  private constructor(
    sight: InterfaceSight,
    options: BindingOptions,
    warn: (message: string) => void,
  ) {
    this.options = options;
    this.families = options.families ?? ipFamilies;
    this.policy = options.onStale ?? "fail";
    this.#waitMs = options.waitMs ?? defaultWaitMs;
    this.#warn = warn;
    if (options.onEvent !== undefined) this.onEvent(options.onEvent);
    const wish = {
      name: options.interface,
      index: options.index ?? null,
      generation: options.generation ?? null,
      mayFollow: this.policy === "rebind" || this.policy === "fallback",
    };
    this.#watch = new DeviceWatch(sight, wish, (change) => this.#take(change));
  }

  /**
   * Binds to the interface as it stands now, whether anything can leave by it or not. The sight belongs to the binding
   * from now on.
   *
   * @throws PlatformError when the kernel cannot be read
   */
  static async open(
    sight: InterfaceSight,
    options: BindingOptions,
    warn: (message: string) => void,
  ): Promise<LiveBinding> {
    const binding = new LiveBinding(sight, options, warn);
    try {
      await binding.#watch.begin();
      binding.#hasBegun = true;
      return binding;
    } catch (error) {
      await binding[Symbol.asyncDispose]();
      throw error;
    }
  }

  get interface(): string {
    return this.#watch.name;
  }

  get index(): number | null {
    return this.#watch.device?.index ?? null;
  }

  get generation(): number | null {
    return this.#watch.device?.generation ?? null;
  }

  get standing(): Standing {
    return this.#watch.standing;
  }

  get fallbacks(): number {
    return this.#fallbacks;
  }

  /** It was disposed of. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Means the interface of another name from now on, if the policy lets it follow; else it is stale. */
  aimAt(name: string): void {
    this.#watch.aimAt(name);
  }

  onEvent(listener: (event: BindingEvent) => void): () => void {
    this.#listeners += 1;
    const end = this.#events.listen(listener);
    let hasEnded = false;
    return () => {
      if (!hasEnded) this.#listeners -= 1;
      hasEnded = true;
      end();
    };
  }

  /** When what begins now has waited long enough, by performance.now(). */
  deadline(): number {
    return performance.now() + (this.policy === "fail" ? 0 : this.#waitMs);
  }

  /**
   * The interface to bind a new socket to, or null where the policy lets it go without. Waits as the policy says.
   *
   * @throws StaleBindingError; the signal's reason when it aborts
   */
  async acquire(
    action: string,
    deadline: number,
    signal?: AbortSignal,
  ): Promise<InterfaceName | null> {
    await this.#watch.look();
    for (;;) {
      signal?.throwIfAborted();
      const { device } = this.#watch;
      if (this.#isClosed) throw this.#staleError(action);
      if (this.standing === "usable" && device !== null) return device;
      if (this.policy === "fallback") {
        this.#fallBack(action);
        return null;
      }
      const isHopeless = this.policy === "fail" || this.#watch.isLostForGood;
      const remainingMs = deadline - performance.now();
      if (isHopeless || remainingMs <= 0) throw this.#staleError(action);
      await this.#change(remainingMs, signal);
    }
  }

  /** The error as it is, or StaleBindingError when the kernel said it because the binding is stale. Looks first. */
  async explain(action: string, error: unknown, used: InterfaceName | null): Promise<unknown> {
    if (used === null || !maySignalStale(error)) return error;
    await this.#watch.look();
    return this.explainNow(action, error, used);
  }

  /** The same by what is known already. */
  explainNow(action: string, error: unknown, used: InterfaceName | null): unknown {
    if (used === null || !maySignalStale(error)) return error;
    if (this.index !== used.index) return new StaleBindingError(action, this, "moved", error);
    return this.standing === "usable" ? error : this.#staleError(action, error);
  }

  /** From now on the socket shares the binding's fate, until the function that this gives is called. */
  join(party: BoundParty, isBound: boolean): () => void {
    this.#parties.set(party, isBound ? "bound" : "unbound");
    if (this.#isClosed) party.end(null);
    else if (isBound && this.standing !== "usable") this.#decide(party, this.standing);
    return () => void this.#parties.delete(party);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#clearDeadline();
    for (const party of this.#allParties()) party.end(null);
    this.#parties.clear();
    this.#changes.tell();
    await this.#watch[Symbol.asyncDispose]();
  }

  #take({ standing, from }: DeviceChange): void {
    if (!this.#hasBegun || this.#isClosed) return;
    if (from !== null) {
      const { index, generation } = from;
      this.#tell({ kind: "binding-moved", from: { index, generation } });
      for (const party of this.#allParties()) if (!party.canFollow) this.#end(party, "moved");
    }
    if (standing === "usable") this.#recover();
    else this.#goStale(standing);
    this.#changes.tell();
  }

  #recover(): void {
    this.#clearDeadline();
    this.#tell({ kind: "binding-usable" });
    const { device } = this.#watch;
    for (const party of this.#allParties())
      if (party.canFollow || this.#parties.get(party) === "unbound") this.#bind(party, device);
  }

  #goStale(because: StaleBecause): void {
    this.#tell({ kind: "binding-stale", because });
    for (const party of this.#allParties()) this.#decide(party, because);
    const waits = this.policy === "wait" || this.policy === "rebind";
    if (!waits || this.#deadline !== null) return;
    this.#deadline = setTimeout(() => {
      for (const party of this.#allParties()) this.#end(party);
    }, this.#waitMs);
  }

  #decide(party: BoundParty, because: StaleBecause): void {
    const fate = fateOf(this.policy, because, party);
    if (fate === "end") this.#end(party);
    if (fate !== "unbind" || this.#parties.get(party) === "unbound") return;
    if (this.#bind(party, null)) this.#fallBack(party.action);
  }

  #bind(party: BoundParty, to: InterfaceName | null): boolean {
    try {
      party.bindTo(to);
      this.#parties.set(party, to === null ? "unbound" : "bound");
      return true;
    } catch (error) {
      this.#end(party, "moved", error);
      return false;
    }
  }

  #end(party: BoundParty, because: StaleBecause = this.#because(), cause?: unknown): void {
    this.#parties.delete(party);
    party.end(new StaleBindingError(party.action, this, because, cause));
  }

  #fallBack(what: string): void {
    this.#fallbacks += 1;
    this.#tell({ kind: "binding-fallback", what, count: this.#fallbacks });
    if (this.#listeners > 0) return;
    this.#warn(`netwatch: ${this.interface} cannot be used, so any interface may ${what}`);
  }

  #staleError(action: string, cause?: unknown): StaleBindingError {
    return new StaleBindingError(action, this, this.#because(), cause);
  }

  /** A binding that was closed has no interface any more. */
  #because(): StaleBecause {
    return this.standing === "usable" ? "gone" : this.standing;
  }

  #allParties(): readonly BoundParty[] {
    return [...this.#parties.keys()];
  }

  #clearDeadline(): void {
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#deadline = null;
  }

  async #change(withinMs: number, signal?: AbortSignal): Promise<void> {
    const changed = new AbortController();
    const signals = signal === undefined ? [changed.signal] : [changed.signal, signal];
    const end = this.#changes.listen(() => changed.abort());
    await delay(withinMs, undefined, { signal: AbortSignal.any(signals) }).catch(() => undefined);
    end();
  }

  #tell(news: EventBody): void {
    const { interface: name, index, generation } = this;
    const time = new Date().toISOString();
    this.#events.tell({ time, interface: name, index, generation, ...news });
  }
}

type EventBody = BindingEvent extends infer Event
  ? Event extends BindingEvent
    ? Omit<Event, "time" | keyof BoundInterface>
    : never
  : never;
