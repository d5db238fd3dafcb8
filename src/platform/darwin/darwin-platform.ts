import { type IpFamily, ipFamilies } from "../../network/address.ts";
import type { NetworkInterface } from "../../network/interface.ts";
import type { FamilyDefaults } from "../../network/state.ts";
import type {
  ChangeHint,
  ChangeSource,
  Platform,
  Reading,
  ReadScope,
} from "../../platform/platform.ts";
import { PlatformError } from "../../platform/platform-error.ts";
import { readDefaults } from "./defaults-reading.ts";
import { EventSource, emptySourceCounts } from "./event-source.ts";
import {
  type InterfaceReaderOptions,
  readAllInterfaces,
  readInterface,
  readInterfaceIndexes,
} from "./interface-reading.ts";
import { openRouteWitness, type RouteWitness } from "./route-witness.ts";
import { platformFailure } from "./routing-error.ts";
import type {
  ClockPort,
  DoorbellPort,
  MediaPort,
  ProcessPort,
  RoutingSocketPort,
  SysctlPort,
} from "./routing-socket-port.ts";
import { newSequence, type Sequence } from "./sequence.ts";

/** The kernel of a Mac, as its ports; `openHostPorts()` has the real ones. */
export interface DarwinPlatformOptions {
  readonly routing: RoutingSocketPort;
  readonly sysctl: SysctlPort;
  readonly clocks: ClockPort;
  /** Without one, what no routing message tells is found by the next read of everything. */
  readonly doorbell?: DoorbellPort;
  /** Without one, an interface has a carrier when its driver runs. */
  readonly media?: MediaPort;
  /** Asked of the kernel for each event socket; the counters tell what it granted. */
  readonly receiveBufferBytes?: number;
  /** Without it, processes that change routes are known by their number alone. */
  readonly processes?: ProcessPort;
  /** Where `rtm_seq` begins. */
  readonly sequence?: Sequence;
}

/** Some thousand messages: XNU's own 8 KiB hold 57. */
const defaultReceiveBufferBytes = 1 << 20;

/** From so many interfaces on, one list of all costs less than one for each. */
const listFrom = 8;

/** Opens the kernel behind the ports. */
export function openDarwinPlatform(options: DarwinPlatformOptions): Platform {
  return new DarwinPlatform(options);
}

class DarwinPlatform implements Platform {
  readonly #options: DarwinPlatformOptions;
  readonly #sequence: Sequence;
  readonly #counts = emptySourceCounts();
  readonly #witness: RouteWitness;
  readonly #interfaceReader: InterfaceReaderOptions;
  /** Granted receive buffer by open source. */
  readonly #sources = new Map<ChangeSource, number>();
  /** The interfaces as last read: one that goes away may do so without a message. */
  readonly #known = new Set<number>();
  #disposed = false;

  constructor(options: DarwinPlatformOptions) {
    this.#options = options;
    this.#sequence = options.sequence ?? newSequence();
    this.#witness = openRouteWitness(
      options.sysctl,
      (pid) => options.processes?.nameOf(pid) ?? null,
    );
    this.#interfaceReader = {
      sysctl: options.sysctl,
      media: options.media ?? { read: () => null },
      skipped: () => {
        this.#counts.undecodable += 1;
      },
    };
  }

  async read(scope: ReadScope, signal: AbortSignal): Promise<Reading> {
    signal.throwIfAborted();
    if (this.#disposed) throw closed("read the network");
    const complete = scope.kind === "all";
    const interfaces = guard("read the interfaces", () =>
      complete ? readAllInterfaces(this.#interfaceReader) : this.#readSome(scope.interfaces),
    );
    this.#remember(interfaces, complete);
    const defaults = new Map<IpFamily, FamilyDefaults>();
    for (const family of complete ? ipFamilies : scope.defaults)
      defaults.set(family, await this.#readDefaults(family, signal));
    return { complete, interfaces, defaults };
  }

  changes(signal: AbortSignal): ChangeSource {
    const action = "listen to the kernel's network events";
    if (this.#disposed) throw closed(action);
    const { routing, doorbell = null } = this.#options;
    return guard(action, () => {
      const source = new EventSource(
        {
          routing,
          receiveBufferBytes: this.#options.receiveBufferBytes ?? defaultReceiveBufferBytes,
          sequence: this.#sequence,
          counts: this.#counts,
          witness: this.#witness,
          doorbell,
          everyDoor: () => this.#everyDoor(),
          closed: (ended) => void this.#sources.delete(ended),
        },
        signal,
      );
      if (!signal.aborted) this.#sources.set(source, source.receiveBufferBytes);
      return source;
    });
  }

  uptime(): ReturnType<Platform["uptime"]> {
    return this.#options.clocks.read();
  }

  onEvidence(listener: Parameters<Platform["onEvidence"]>[0]): Disposable {
    return this.#witness.listen(listener);
  }

  onRuleRemoval(): Disposable {
    return { [Symbol.dispose]: () => {} };
  }

  counters(): ReturnType<Platform["counters"]> {
    const receiveBufferBytes = [...this.#sources.values()].at(-1) ?? null;
    const open = this.#sources.size > 0;
    return { kind: "pfroute", open, receiveBufferBytes, dropped: null, ...this.#counts };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    for (const source of [...this.#sources.keys()]) source[Symbol.dispose]();
  }

  #readSome(indexes: ReadonlySet<number>): ReadonlyMap<number, NetworkInterface | null> {
    if (indexes.size < listFrom)
      return new Map(
        [...indexes].map((index) => [index, readInterface(this.#interfaceReader, index)]),
      );
    const all = readAllInterfaces(this.#interfaceReader);
    return new Map([...indexes].map((index) => [index, all.get(index) ?? null]));
  }

  async #readDefaults(family: IpFamily, signal: AbortSignal): Promise<FamilyDefaults> {
    const { routing, sysctl } = this.#options;
    try {
      return await readDefaults({ routing, sysctl, sequence: this.#sequence }, family, signal);
    } catch (error) {
      throw platformFailure(`read the ${family} defaults`, error);
    }
  }

  #remember(interfaces: ReadonlyMap<number, NetworkInterface | null>, complete: boolean): void {
    if (complete) this.#known.clear();
    for (const [index, read] of interfaces) {
      if (read === null) this.#known.delete(index);
      else this.#known.add(index);
    }
  }

  #everyDoor(): readonly ChangeHint[] {
    const indexes = new Set([...this.#known, ...readInterfaceIndexes(this.#options.sysctl)]);
    return [
      ...[...indexes].map((index): ChangeHint => ({ kind: "interface", index })),
      ...ipFamilies.map((family): ChangeHint => ({ kind: "defaults", family })),
    ];
  }
}

function guard<Value>(action: string, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    throw platformFailure(action, error);
  }
}

function closed(action: string): PlatformError {
  return new PlatformError("socket-lost", action, new Error("the platform is closed"));
}
