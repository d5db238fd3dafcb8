import { type IpFamily, ipFamilies } from "../../network/address.ts";
import type { NetworkInterface } from "../../network/interface.ts";
import type { FamilyDefaults } from "../../network/state.ts";
import type {
  ChangeHint,
  Platform,
  Reading,
  ReadScope,
  SourceCounters,
  Uptime,
} from "../platform.ts";
import { PlatformError } from "../platform-error.ts";
import type { RouteEvidence } from "../route-evidence.ts";
import { type MemoryControls, MemoryKernel, type ReadCounts } from "./memory-kernel.ts";
import { type MemorySource, openMemorySource } from "./memory-source.ts";
import { answerProbes } from "./route-answer.ts";

/** A platform over a kernel made of arrays, with the hands that change it. */
export interface MemoryPlatform extends Platform {
  readonly controls: MemoryControls;
  /** What a memory route control over the same kernel changes. */
  readonly kernel: MemoryKernel;
}

/** Opens an empty memory kernel. Nothing of it is shared with another. */
export function openMemoryPlatform(): MemoryPlatform {
  const kernel = new MemoryKernel((family, routes, interfaces) =>
    answerProbes(family, routes, interfaces, Date.now()),
  );
  const sources = new Set<MemorySource>();
  const listeners = new Set<(evidence: RouteEvidence) => void>();
  const faults = { deaf: false, mute: false, readCostMs: 0 };
  let readError: Error | null = null;
  let failingScope: "all" | null = null;
  let openError: Error | null = null;
  let fixedUptime: Uptime | null = null;
  let counts: ReadCounts = { all: 0, doors: 0, interfaces: 0, defaults: 0, last: null };
  let counters = { messages: 0, overflows: 0, undecodable: 0 };
  let lastMessageAt: number | null = null;
  let disposed = false;

  const ring = (hint: ChangeHint): void => {
    if (faults.deaf) return;
    counters = { ...counters, messages: counters.messages + 1 };
    lastMessageAt = Date.now();
    for (const source of [...sources]) source.ring(hint);
  };
  const ringInterface = (index: number): void => ring({ kind: "interface", index });

  const controls: MemoryControls = {
    setInterface(given) {
      kernel.setInterface(given);
      ringInterface(given.index);
    },
    removeInterface(index) {
      if (kernel.removeInterface(index)) ringInterface(index);
    },
    setAddresses(index, addresses) {
      const known = kernel.interfaces.get(index);
      if (known === undefined) throw missing(index);
      controls.setInterface({ ...known, addresses });
    },
    setDefaults(family, routes, answers) {
      kernel.setDefaults(family, routes, answers ?? null);
      ring({ kind: "defaults", family });
    },
    deafen: (deaf) => {
      faults.deaf = deaf;
    },
    ring,
    overflow() {
      counters = { ...counters, overflows: counters.overflows + 1 };
      ring({ kind: "all", reason: "overflow" });
    },
    killSource() {
      for (const source of [...sources])
        source.fail(new PlatformError("socket-lost", "read kernel messages"));
    },
    refuseSources: (error) => {
      openError = error;
    },
    muteProbe: (mute) => {
      faults.mute = mute;
    },
    setUptime: (uptime) => {
      fixedUptime = uptime;
    },
    failReads: (error, scope) => {
      readError = error;
      failingScope = scope ?? null;
    },
    setReadCost: (costMs) => {
      faults.readCostMs = costMs;
    },
    readCounts: () => counts,
    openSources: () => sources.size,
    giveEvidence(evidence) {
      for (const listener of [...listeners]) listener(evidence);
    },
  };

  return {
    controls,
    kernel,
    async read(scope, signal) {
      signal.throwIfAborted();
      counts = counted(counts, scope);
      if (disposed) throw new PlatformError("socket-lost", "read the memory kernel");
      const reading = readKernel(kernel, scope);
      if (faults.readCostMs > 0) await pause(faults.readCostMs, signal);
      if (readError !== null && (failingScope ?? scope.kind) === scope.kind) throw readError;
      return reading;
    },
    changes(signal) {
      if (openError !== null) throw openError;
      if (disposed) throw new PlatformError("socket-lost", "open a source of changes");
      const owner = {
        answersProbes: () => !faults.mute,
        closed: (source: MemorySource) => void sources.delete(source),
      };
      const source = openMemorySource(owner, signal);
      if (!signal.aborted) sources.add(source);
      return source;
    },
    uptime() {
      const now = performance.now();
      return fixedUptime ?? { awakeMs: now, totalMs: now };
    },
    counters: (): SourceCounters => ({
      kind: "memory",
      open: sources.size > 0,
      lastMessageAt,
      receiveBufferBytes: null,
      ...counters,
      filtered: 0,
      foreign: 0,
      dropped: null,
    }),
    onEvidence(listener) {
      const own = (evidence: RouteEvidence): void => listener(evidence);
      listeners.add(own);
      return { [Symbol.dispose]: () => void listeners.delete(own) };
    },
    // Its rules change without a message of their own.
    onRuleRemoval: () => ({ [Symbol.dispose]: () => {} }),
    async [Symbol.asyncDispose]() {
      disposed = true;
      for (const source of [...sources]) source[Symbol.dispose]();
    },
  };
}

function missing(index: number): PlatformError {
  return new PlatformError("no-such-interface", `change the addresses of interface ${index}`);
}

function counted(counts: ReadCounts, scope: ReadScope): ReadCounts {
  if (scope.kind === "all") return { ...counts, all: counts.all + 1, last: scope };
  return {
    all: counts.all,
    doors: counts.doors + 1,
    interfaces: counts.interfaces + scope.interfaces.size,
    defaults: counts.defaults + scope.defaults.size,
    last: scope,
  };
}

function readKernel(kernel: MemoryKernel, scope: ReadScope): Reading {
  const complete = scope.kind === "all";
  const interfaces = new Map<number, NetworkInterface | null>(complete ? kernel.interfaces : []);
  if (!complete)
    for (const index of scope.interfaces)
      interfaces.set(index, kernel.interfaces.get(index) ?? null);
  const defaults = new Map<IpFamily, FamilyDefaults>();
  for (const family of complete ? ipFamilies : scope.defaults)
    defaults.set(family, kernel.defaults(family));
  return { complete, interfaces, defaults };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}
