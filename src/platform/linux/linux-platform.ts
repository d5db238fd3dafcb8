import type { NetlinkSocket } from "../../../native-bindings/linux/netlink-socket.ts";
import { enterNetworkNamespace } from "../../../native-bindings/linux/network-namespace.ts";
import type { ChangeSource, Platform, Reading, ReadScope } from "../../platform/platform.ts";
import { PlatformError } from "../../platform/platform-error.ts";
import { openEventSocket } from "./event-socket.ts";
import { EventSource } from "./event-source.ts";
import {
  checkByteOrder,
  defaultProtocolTag,
  type ReadingSource,
  readNetwork,
  readUptime,
  sysfsRadio,
} from "./linux-reader.ts";
import { messageHinter } from "./message-hint.ts";
import { nexthopReader } from "./nexthop-reading.ts";
import { platformCodeOf } from "./platform-failure.ts";
import { Requester } from "./requester.ts";
import { openRouteWitness } from "./route-witness.ts";
import { openRuleWitness, type RuleWitness } from "./rule-witness.ts";
import { emptySourceCounts } from "./source-counts.ts";

export interface LinuxPlatformOptions {
  /** Asked of the kernel for each event socket; the counters tell what it granted. */
  readonly receiveBufferBytes?: number;
  /** Lets the kernel drop events about routes that concern nobody. */
  readonly filter?: boolean;
  /** Protocol number of our own routes and rules (rtm_protocol, FRA_PROTOCOL). */
  readonly protocolTag?: number;
  /** A namespace, by name or path, that the whole process is to enter first. */
  readonly netns?: string | null;
}

const defaultReceiveBufferBytes = 8 << 20;

/**
 * Opens the Linux kernel of this process's network namespace, or of `netns`, which the main thread enters for good.
 *
 * @throws PlatformError when the namespace cannot be entered, or the machine is big-endian
 */
export function openLinuxPlatform(options: LinuxPlatformOptions = {}): Platform {
  checkByteOrder();
  const netns = options.netns ?? null;
  if (netns !== null) enter(netns);
  return new LinuxPlatform(options, netns === null);
}

interface OpenSocket {
  readonly socket: NetlinkSocket;
  /** What the kernel granted. */
  readonly receiveBufferBytes: number;
}

class LinuxPlatform implements Platform {
  readonly #receiveBufferBytes: number;
  readonly #filter: boolean;
  readonly #protocolTag: number;
  readonly #requester = new Requester();
  readonly #readingSource: ReadingSource;
  readonly #counts = emptySourceCounts();
  readonly #routeWitness = openRouteWitness((id) => nexthopReader(this.#requester)(id));
  readonly #ruleWitness: RuleWitness;
  readonly #sources = new Map<ChangeSource, OpenSocket>();
  /** What the sockets that are closed have dropped. */
  #droppedBefore = 0;
  #disposed = false;

  constructor(options: LinuxPlatformOptions, trustSysfs: boolean) {
    this.#receiveBufferBytes = options.receiveBufferBytes ?? defaultReceiveBufferBytes;
    this.#filter = options.filter ?? true;
    this.#protocolTag = options.protocolTag ?? defaultProtocolTag;
    this.#ruleWitness = openRuleWitness(this.#protocolTag);
    // sysfs shows the interfaces of the namespace that it was mounted in, not of the one entered since.
    const isWireless = trustSysfs ? sysfsRadio : () => false;
    const requester = this.#requester;
    this.#readingSource = { requester, protocolTag: this.#protocolTag, isWireless };
  }

  async read(scope: ReadScope, signal: AbortSignal): Promise<Reading> {
    if (this.#disposed) throw closed("read the network");
    return await readNetwork(this.#readingSource, scope, signal);
  }

  changes(signal: AbortSignal): ChangeSource {
    if (this.#disposed) throw closed("listen to the kernel's network events");
    const { socket, receiveBufferBytes } = openEventSocket({
      receiveBufferBytes: this.#receiveBufferBytes,
      filter: this.#filter,
      protocolTag: this.#protocolTag,
    });
    const source = new EventSource(
      {
        socket,
        hinter: messageHinter(this.#protocolTag),
        witness: {
          hear: (type, flags, portId, ...body) => {
            this.#routeWitness.hear(type, flags, portId, ...body);
            this.#ruleWitness.hear(type, portId, ...body);
          },
        },
        counts: this.#counts,
        closed: (ended) => {
          this.#droppedBefore += droppedBy(socket) ?? 0;
          this.#sources.delete(ended);
        },
      },
      signal,
    );
    if (!signal.aborted) this.#sources.set(source, { socket, receiveBufferBytes });
    return source;
  }

  uptime(): ReturnType<Platform["uptime"]> {
    return readUptime();
  }

  counters(): ReturnType<Platform["counters"]> {
    const sockets = [...this.#sources.values()];
    const counts = sockets.map(({ socket }) => droppedBy(socket));
    const dropped = counts.reduce<number | null>(
      (sum, count) => (sum === null || count === null ? null : sum + count),
      this.#droppedBefore,
    );
    const receiveBufferBytes = sockets.at(-1)?.receiveBufferBytes ?? null;
    return {
      kind: "netlink",
      open: sockets.length > 0,
      receiveBufferBytes,
      dropped,
      ...this.#counts,
    };
  }

  onEvidence(listener: Parameters<Platform["onEvidence"]>[0]): Disposable {
    return this.#routeWitness.listen(listener);
  }

  onRuleRemoval(listener: Parameters<Platform["onRuleRemoval"]>[0]): Disposable {
    return this.#ruleWitness.listen(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    for (const source of [...this.#sources.keys()]) source[Symbol.dispose]();
    this.#requester[Symbol.dispose]();
  }
}

/** Null on a kernel that does not tell (before 4.12). */
function droppedBy(socket: NetlinkSocket): number | null {
  try {
    return socket.droppedMessages();
  } catch {
    return null;
  }
}

function enter(netns: string): void {
  try {
    enterNetworkNamespace(netns);
  } catch (error) {
    throw entryFailure(`enter the network namespace ${netns}`, error);
  }
}

function entryFailure(action: string, error: unknown): PlatformError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const why = netnsRefusals.get(code);
  const cause = why === undefined ? error : new Error(why, { cause: error });
  return new PlatformError(platformCodeOf(code), action, cause);
}

// open(2) and setns(2), in the words of who gave the name.
const netnsRefusals: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "there is no such namespace; `ip netns list` shows those that have a name"],
  ["EINVAL", "that is not a network namespace"],
  ["EPERM", "only root may (EPERM)"],
]);

function closed(action: string): PlatformError {
  return new PlatformError("socket-lost", action, new Error("the platform is closed"));
}
