import { existsSync } from "node:fs";
import { endianness } from "node:os";
import { setImmediate as nextTurn } from "node:timers/promises";
import { readClock } from "../../../native-bindings/linux/clock.ts";
import { type IpFamily, ipFamilies } from "../../network/address.ts";
import type { NetworkInterface } from "../../network/interface.ts";
import type { FamilyDefaults } from "../../network/state.ts";
import type { NetworkReader, Reading, ReadScope, Uptime } from "../../platform/platform.ts";
import { PlatformError } from "../../platform/platform-error.ts";
import { readDefaults } from "./defaults-reading.ts";
import { readAllInterfaces, readInterface } from "./interface-reading.ts";
import { Requester } from "./requester.ts";

/** What a reading asks. */
export interface ReadingSource {
  readonly requester: Requester;
  /** Protocol number of our own routes and rules (rtm_protocol, FRA_PROTOCOL). */
  readonly protocolTag: number;
  readonly isWireless: (name: string) => boolean;
}

export const defaultProtocolTag = 199;

const sliceMs = 5;

/**
 * Opens the kernel of this process's network namespace for who only reads it.
 *
 * @throws PlatformError when the machine is big-endian
 */
export function openLinuxReader({
  protocolTag = defaultProtocolTag,
}: {
  readonly protocolTag?: number;
} = {}): NetworkReader {
  checkByteOrder();
  const requester = new Requester();
  const source = { requester, protocolTag, isWireless: sysfsRadio };
  return {
    read: (scope, signal) => readNetwork(source, scope, signal),
    uptime: readUptime,
    [Symbol.asyncDispose]: async () => requester[Symbol.dispose](),
  };
}

/** @throws PlatformError; the signal's reason when it aborts */
export async function readNetwork(
  source: ReadingSource,
  scope: ReadScope,
  signal: AbortSignal,
): Promise<Reading> {
  signal.throwIfAborted();
  const complete = scope.kind === "all";
  const interfaces = complete
    ? await readAllInterfaces(source, signal)
    : await readSome(source, scope.interfaces, signal);
  const defaults = new Map<IpFamily, FamilyDefaults>();
  for (const family of complete ? ipFamilies : scope.defaults)
    defaults.set(family, await readDefaults(source, family, signal));
  return { complete, interfaces, defaults };
}

/** Reads CLOCK_MONOTONIC and CLOCK_BOOTTIME. */
export function readUptime(): Uptime {
  const awakeMs = readClock("monotonic");
  return { awakeMs, totalMs: readClock("boottime") };
}

/** Whether an interface of the namespace in which sysfs was mounted has a radio. */
export function sysfsRadio(name: string): boolean {
  return existsSync(`/sys/class/net/${name}/phy80211`);
}

/** @throws PlatformError: `unsupported` on a big-endian machine */
export function checkByteOrder(): void {
  if (endianness() === "LE") return;
  throw new PlatformError(
    "unsupported",
    "talk to the kernel",
    new Error("only little-endian machines are supported"),
  );
}

async function readSome(
  source: ReadingSource,
  indexes: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, NetworkInterface | null>> {
  const interfaces = new Map<number, NetworkInterface | null>();
  // However many they are: each costs 40 microseconds, and unlike a dump none is spoilt by others that come and go.
  let sliceEnd = performance.now() + sliceMs;
  for (const index of indexes) {
    interfaces.set(index, await readInterface(source, index, signal));
    if (performance.now() < sliceEnd) continue;
    await nextTurn();
    signal.throwIfAborted();
    sliceEnd = performance.now() + sliceMs;
  }
  return interfaces;
}
