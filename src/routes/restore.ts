import type { NetworkInterface } from "../network/interface.ts";
import { PlatformError } from "../platform/platform-error.ts";
import type { KernelIdentity, RouteControl } from "../platform/route-control.ts";
import type { StepOutcome, Workplace } from "./apply.ts";
import { guardRemovals } from "./flushed-record.ts";
import { emptyCarrierHistory } from "./gateway-memory.ts";
import type { JournalMoment } from "./journal/journal-entry.ts";
import { JournalError } from "./journal/journal-error.ts";
import { foldJournal } from "./journal/journal-state.ts";
import type { LockHeld, ManagementLock } from "./journal/management-lock.ts";
import { openJournal, readJournal } from "./journal/open-journal.ts";
import type { JournalFact } from "./journal/record.ts";
import type { StateDirectory } from "./journal/state-directory.ts";
import { type JournalPort, readOnlyJournal } from "./journal-port.ts";
import { planOnce, reconcile, type Surroundings } from "./reconcile.ts";
import { foretellRestore, judgeRestore, type RestoreOutcome, refused } from "./restore-outcome.ts";
import type { SlotPlaces } from "./slot-record.ts";
import { intentionsOf, type Verb } from "./verb.ts";

/** What a restore without a daemon takes. */
export interface RestoreOptions {
  /** `restore` by hand; `settle` after the end of a daemon that shall leave its scoped defaults. */
  readonly verb: Verb;
  readonly control: RouteControl;
  readonly directory: StateDirectory;
  /** Takes the right to manage this namespace. */
  readonly lock: () => Promise<ManagementLock | LockHeld>;
  /** How long to wait for somebody else's lock: two restores at once are one after the other. */
  readonly lockWaitMs: number;
  readonly readInterfaces: (signal: AbortSignal) => Promise<ReadonlyMap<number, NetworkInterface>>;
  /** The protocol that marks routes as ours, as `DefaultRoute.protocol` gives it. */
  readonly tag: string;
  readonly places: SlotPlaces;
  readonly moment: () => JournalMoment;
  readonly newPlanName: () => string;
  /** Waits, and ends early when the signal aborts. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly dryRun: boolean;
}

const lockPollMs = 100;
/** The longest that a debt asks to wait for a next attempt. */
const longestPauseMs = 13_000;

/**
 * Brings the routing back to what it was before netwatch, without a daemon and after any end of one. A second one
 * changes nothing. Never throws for what a person can be told.
 */
export async function restoreRoutes(
  options: RestoreOptions,
  signal: AbortSignal,
): Promise<RestoreOutcome> {
  try {
    if (options.dryRun) return await dryRun(options, signal);
    await using lock = await waitForLock(options, signal);
    if (lock.kind === "held") return heldBy(lock, options.control.identity());
    return await restoreLocked(options, signal);
  } catch (error) {
    return refusalFor(error);
  }
}

async function restoreLocked(
  options: RestoreOptions,
  signal: AbortSignal,
): Promise<RestoreOutcome> {
  const identity = options.control.identity();
  const troubles: string[] = [];
  let journal: JournalPort & Partial<AsyncDisposable>;
  try {
    journal = await openJournal(options.directory, identity, { now: options.moment });
  } catch (error) {
    if (!isUnwritable(error)) throw error;
    const { records } = await readJournal(options.directory, identity.bootId);
    journal = readOnlyJournal(records, identity, options.moment);
    troubles.push(
      `The journal could not be written: ${error.message}. Nothing of this is recorded.`,
    );
  }
  try {
    return await restoreBy(journal, options, troubles, signal);
  } catch (error) {
    if (!isUnwritable(error)) throw error;
    // The disk ran full on the way: what is owed can be brought back all the same.
    const memory = readOnlyJournal(journal.records, identity, options.moment);
    const trouble = `The journal could not be written: ${error.message}. Not all of this is recorded.`;
    return await restoreBy(memory, options, [...troubles, trouble], signal);
  } finally {
    await journal[Symbol.asyncDispose]?.();
  }
}

async function restoreBy(
  journal: JournalPort,
  options: RestoreOptions,
  troubles: readonly string[],
  signal: AbortSignal,
): Promise<RestoreOutcome> {
  const workplace: Workplace = {
    control: guardRemovals(options.control),
    journal,
    places: options.places,
    newPlanName: options.newPlanName,
    uptimeMs: () => options.moment().uptimeMs,
  };
  const outcomes: StepOutcome[] = [];
  const startedMs = workplace.uptimeMs();
  for (;;) {
    const surroundings = await surroundingsOf(options, startedMs, signal);
    const result = await reconcile(intentionsOf(options.verb), surroundings, workplace, signal);
    outcomes.push(...result.outcomes);
    const next = result.plan.nextAtUptimeMs;
    const waitMs = next === null ? Number.POSITIVE_INFINITY : next - workplace.uptimeMs();
    if (waitMs > longestPauseMs) {
      if (options.verb !== "settle") await journal.append(endedLeases(journal));
      return judgeRestore(result.plan, outcomes, troubles);
    }
    await options.pause(Math.max(1, waitMs), signal);
    signal.throwIfAborted();
  }
}

/** Leases that would outlive their connection end with what they made: the next daemon must not make it again. */
function endedLeases({ records, identity }: JournalPort): readonly JournalFact[] {
  return foldJournal(records, identity).leases.map(({ lease, by, ttlMs, wish }) => ({
    kind: "lease",
    lease,
    by,
    ttlMs,
    wish,
    state: "released",
  }));
}

async function dryRun(options: RestoreOptions, signal: AbortSignal): Promise<RestoreOutcome> {
  const identity = options.control.identity();
  const { records } = await readJournal(options.directory, identity.bootId);
  const workplace = {
    control: guardRemovals(options.control),
    journal: readOnlyJournal(records, identity, options.moment),
    places: options.places,
    uptimeMs: () => options.moment().uptimeMs,
  };
  const surroundings = await surroundingsOf(options, workplace.uptimeMs(), signal);
  const { plan } = await planOnce(intentionsOf(options.verb), surroundings, workplace, signal);
  return foretellRestore(plan);
}

async function surroundingsOf(
  options: RestoreOptions,
  startedMs: number,
  signal: AbortSignal,
): Promise<Surroundings> {
  return {
    interfaces: await options.readInterfaces(signal),
    carriers: emptyCarrierHistory,
    holds: [],
    madeHere: new Set(),
    refused: new Map(),
    tag: options.tag,
    now: () => options.moment().epochMs,
    // Whoever asks by hand wants everything tried once more, whatever was refused before.
    changedAtUptimeMs: startedMs,
  };
}

async function waitForLock(
  { lock, lockWaitMs, pause }: RestoreOptions,
  signal: AbortSignal,
): Promise<(ManagementLock | LockHeld) & AsyncDisposable> {
  for (let waitedMs = 0; ; waitedMs += lockPollMs) {
    const result = await lock();
    if (result.kind === "acquired") return result;
    if (waitedMs >= lockWaitMs) return { ...result, [Symbol.asyncDispose]: async () => undefined };
    await pause(lockPollMs, signal);
    signal.throwIfAborted();
  }
}

function heldBy({ by }: LockHeld, { namespaceCookie }: KernelIdentity): RestoreOutcome {
  const where = namespaceCookie === "0" ? "host" : "network namespace";
  const who = by === null ? "Another process" : `Process ${by.pid} of user ${by.uid}`;
  return refused(
    3,
    `Cannot restore: ${who} manages the routes of this ${where}.`,
    "If it is netwatchd, ask it by `netwatch routes restore` with its socket; else end it and try again.",
  );
}

function isUnwritable(error: unknown): error is JournalError {
  return (
    error instanceof JournalError && (error.code === "disk-full" || error.code === "read-only")
  );
}

function refusalFor(error: unknown): RestoreOutcome {
  if (error instanceof JournalError) {
    if (error.code === "not-permitted")
      return refused(4, `${sentence(error)}.`, "Run it as root: sudo netwatch routes restore.");
    if (error.code === "newer-version")
      return refused(5, `${sentence(error)}.`, "Run the restore of the newer netwatch.");
    return refused(5, `${sentence(error)}.`, "Mend that, then run it again.");
  }
  if (error instanceof PlatformError) {
    if (error.code === "permission")
      return refused(4, `${sentence(error)}.`, "Run it as root: sudo netwatch routes restore.");
    return refused(5, `${sentence(error)}.`, "Run it again.");
  }
  throw error;
}

function sentence({ message }: Error): string {
  return message.slice(0, 1).toUpperCase() + message.slice(1);
}
