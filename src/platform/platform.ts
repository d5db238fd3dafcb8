import type { IpFamily } from "../network/address.ts";
import type { NetworkInterface } from "../network/interface.ts";
import type { FamilyDefaults } from "../network/state.ts";
import type { RouteEvidence, RuleRemoval } from "./route-evidence.ts";

/** Which door rang. State never comes from a hint: it says only what to read again. */
export type ChangeHint =
  | { readonly kind: "interface"; readonly index: number }
  | {
      readonly kind: "defaults";
      readonly family: IpFamily;
      /** Nothing tells of a route, but an interface that rang too may have taken some away silently. */
      readonly suspected?: true;
    }
  | { readonly kind: "all"; readonly reason: "overflow" | "undecodable" };

/** What to read: everything, or some interfaces by index and the defaults of some families. */
export type ReadScope =
  | { readonly kind: "all" }
  | {
      readonly kind: "doors";
      readonly interfaces: ReadonlySet<number>;
      readonly defaults: ReadonlySet<IpFamily>;
    };

/** What was read. With scope `all` it replaces the state; else it replaces what it names. */
export interface Reading {
  readonly complete: boolean;
  /** Null under an index that was asked for and is not there. */
  readonly interfaces: ReadonlyMap<number, NetworkInterface | null>;
  readonly defaults: ReadonlyMap<IpFamily, FamilyDefaults>;
}

/** Milliseconds since boot by two clocks; the difference grows by the time spent suspended. */
export interface Uptime {
  /** Stops while the host sleeps (CLOCK_MONOTONIC, mach_absolute_time). */
  readonly awakeMs: number;
  /** Goes on while the host sleeps (CLOCK_BOOTTIME, mach_continuous_time). */
  readonly totalMs: number;
}

/** The event source as it counts itself since the platform was opened. */
export interface SourceCounters {
  readonly kind: "netlink" | "pfroute" | "memory";
  /** An event socket is open. */
  readonly open: boolean;
  /** When the last message came, in ms since the epoch. */
  readonly lastMessageAt: number | null;
  /** What the kernel granted, in bytes; null while no socket is open or where there is no such buffer. */
  readonly receiveBufferBytes: number | null;
  /** Messages that reached the process. */
  readonly messages: number;
  /** Messages that reached the process and rang no door. */
  readonly filtered: number;
  /** Messages from a sender other than the kernel: ignored. */
  readonly foreign: number;
  readonly overflows: number;
  /** Messages that the kernel dropped in these overflows; null where it does not count them. */
  readonly dropped: number | null;
  readonly undecodable: number;
}

/** The kernel's state and clocks, for who only reads. */
export interface NetworkReader extends AsyncDisposable {
  /**
   * Reads the kernel's state; the only source of truth. A big table never holds the event loop for more
   * than some milliseconds at a time.
   *
   * @throws PlatformError; the signal's reason when it aborts
   */
  read(scope: ReadScope, signal: AbortSignal): Promise<Reading>;

  /** Reads the two clocks. */
  uptime(): Uptime;
}

/** Everything netwatch asks of an operating system. */
export interface Platform extends NetworkReader {
  /**
   * Opens an event socket; what changes from now on rings. Each item is all the doors that rang at once, each
   * door named once. Ends when the signal aborts.
   *
   * @throws PlatformError when the socket cannot be opened
   */
  changes(signal: AbortSignal): ChangeSource;

  /** What the event source has counted, over all the sockets that it opened. */
  counters(): SourceCounters;

  /**
   * Calls back with what the messages of the open event sockets say of who changed a default. Where messages do
   * not tell, nothing comes. Ends when it is disposed of.
   */
  onEvidence(listener: (evidence: RouteEvidence) => void): Disposable;

  /** In the same way, of who took a rule of our tag away. Never calls back where a system has no rules. */
  onRuleRemoval(listener: (removal: RuleRemoval) => void): Disposable;
}

/** One open event socket. Disposing of it closes the socket. */
export interface ChangeSource extends AsyncIterable<readonly ChangeHint[]>, Disposable {
  /**
   * Provokes a message on this very socket and waits for it: is the source alive?
   *
   * @returns false when nothing came within the time
   */
  probe(timeoutMs: number, signal: AbortSignal): Promise<boolean>;
}
