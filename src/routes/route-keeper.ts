import type { IpFamily } from "../network/address.ts";
import type { NetworkInterface } from "../network/interface.ts";
import type { RecordedDefault, RoutingReading } from "../platform/route-control.ts";
import type { StepOutcome, Workplace } from "./apply.ts";
import type { DebtView } from "./debt-context.ts";
import { isSameDefault } from "./default-comparison.ts";
import type { DisplacementPlan, DisplacingWish } from "./displacement.ts";
import { type CarrierHistory, emptyCarrierHistory, followCarriers } from "./gateway-memory.ts";
import type { DisplacementWatcher } from "./held-displacement.ts";
import {
  isDebtOfLease,
  type LeasedView,
  type LeasedWishes,
  noLeasedWishes,
} from "./leased/leased-default.ts";
import type { Plan } from "./plan.ts";
import { type Hold, scopedKey } from "./plan-scoped.ts";
import { type Intentions, planOnce, type Reconciled, reconcile } from "./reconcile.ts";
import type { ScopedView } from "./scoped-view.ts";
import type { ScopedPolicy } from "./scoped-wishes.ts";
import { createSerialLoop, type SerialLoop } from "./serial-loop.ts";
import type { Step } from "./step.ts";

/** What a keeper is made from. */
export interface RouteKeeperOptions {
  readonly workplace: Workplace;
  readonly policy: ScopedPolicy;
  /** The protocol that marks routes as ours, as `DefaultRoute.protocol` gives it. */
  readonly tag: string;
  /** How long a carrier may be away before what is remembered of its gateway ends. */
  readonly carrierGraceMs: number;
  /** Ms since the epoch. */
  readonly now: () => number;
  /** From 0 up to, and without, 1. */
  readonly random: () => number;
  /** Asked before each plan: what must not be repaired now. */
  readonly holds: () => readonly Hold[];
  /** Told of how displacing wishes stand; where it is missing they are put right at once and without end. */
  readonly displacementWatcher?: DisplacementWatcher;
  /** Told after each round that read the routing, with what was done. */
  readonly onReconciled: (result: Reconciled) => void;
  /** Told of what made a round fail; it is tried again with growing pauses. */
  readonly onFailure: (error: Error) => void;
}

/** What `status` shows of routes. */
interface RouteViews {
  readonly scoped: readonly ScopedView[];
  readonly displaced: readonly DebtView[];
  readonly lacking: Plan["lacking"];
  readonly leased: readonly LeasedView[];
  readonly uplinks: Plan["uplinks"];
  /** What was last read; null before the first round. */
  readonly reading: RoutingReading | null;
}

/** What became of a wish after the loop has seen it. */
interface WishOutcome {
  readonly views: RouteViews;
  /** For a displacing wish. */
  readonly displacement: DisplacementPlan | null;
  readonly outcomes: readonly StepOutcome[];
  /** What is still to be done: it was refused. */
  readonly left: readonly Step[];
}

/**
 * The one loop that changes routes. Everything else changes wishes and waits. Methods that give a promise settle
 * after a round that began behind the call; a round that fails rejects it, and goes on being tried.
 */
export interface RouteKeeper extends AsyncDisposable {
  /** The network changed: its interfaces. Also to be called when only routes changed. */
  follow(interfaces: ReadonlyMap<number, NetworkInterface>): Promise<void>;
  /** Reads once more whether all stands as wished. What was refused is not tried sooner for it. */
  look(): Promise<void>;
  /** The configuration changed. What a user asked for by hand stays. */
  setPolicy(policy: ScopedPolicy): Promise<void>;
  install(interfaceName: string): Promise<WishOutcome>;
  remove(interfaceName: string): Promise<WishOutcome>;
  /** Puts a default of ours in the place of others, as long as it is not released. */
  displace(wish: DisplacingWish): Promise<WishOutcome>;
  release(id: string): Promise<WishOutcome>;
  /** What leases wish, all together; replaces what was given before. */
  setLeased(wishes: LeasedWishes): Promise<WishOutcome>;
  /** Defaults to be put back although no debt speaks of them; replaces those given before. */
  putBack(records: readonly RecordedDefault[]): Promise<WishOutcome>;
  /**
   * Settles what is owed and is nobody's wish, whatever was refused before, and removes what carries our mark and is
   * in no record; a family without any default gets its last known good one. Waits for the attempts that follow one
   * another within seconds.
   *
   * @param lost defaults that are known to be lost: they are put back, too
   */
  restore(lost?: readonly RecordedDefault[]): Promise<WishOutcome>;
  /** What would be done now, or, for defaults that are lost, what `restore` would do; nothing is changed. */
  plan(signal: AbortSignal, lost?: readonly RecordedDefault[]): Promise<Plan>;
  views(): RouteViews;
  /** Whether a scoped default that stands is due to this process. */
  madeHere(family: IpFamily, interfaceName: string): boolean;
  /** Settles every debt, withdraws what is scoped unless it shall stay, and ends. */
  stop(onStop: "remove" | "keep"): Promise<WishOutcome>;
}

/** Starts the loop; the first round runs with the first `follow`. */
export function createRouteKeeper(options: RouteKeeperOptions, signal: AbortSignal): RouteKeeper {
  const { workplace } = options;
  const byHand = new Map(options.policy.byHand);
  const displacing = new Map<string, DisplacingWish>();
  const madeHere = new Set<string>();
  const refused = new Map<string, string>();
  let policy = options.policy;
  let interfaces: ReadonlyMap<number, NetworkInterface> | null = null;
  let carriers: CarrierHistory = emptyCarrierHistory;
  let changedAtUptimeMs = workplace.uptimeMs();
  let leased = noLeasedWishes;
  let putBack: readonly RecordedDefault[] = [];
  /** The lost defaults of a restore that no round has taken up yet. */
  let restoring: readonly RecordedDefault[] | null = null;
  let ending: "remove" | "keep" | null = null;
  let last: Reconciled | null = null;

  const intentions = (): Intentions => ({
    scoped: ending === "keep" ? "untouched" : ending === "remove" ? null : { ...policy, byHand },
    displacing: ending === null ? [...displacing.values()] : [],
    leased: ending === null ? leased : noLeasedWishes,
    ...(ending === null ? restored(putBack, restoring) : restored([], null)),
  });
  const surroundings = (seen: ReadonlyMap<number, NetworkInterface>) => ({
    interfaces: seen,
    carriers,
    // Asked when the routing has been read, by what it shows.
    get holds() {
      return options.holds();
    },
    madeHere,
    refused,
    ...(options.displacementWatcher && { displacementWatcher: options.displacementWatcher }),
    tag: options.tag,
    now: options.now,
    changedAtUptimeMs,
  });

  const round = async (): Promise<number | null> => {
    if (interfaces === null) return null;
    const wanted = intentions();
    const restores = restoring;
    // Whoever asks for it from now on means the next round.
    restoring = null;
    try {
      last = await reconcile(wanted, surroundings(interfaces), workplace, signal);
    } catch (error) {
      restoring ??= restores;
      throw error;
    }
    options.onReconciled(last);
    const { nextAtUptimeMs, steps } = last.plan;
    const nextMs = nextAtUptimeMs === null ? null : nextAtUptimeMs - workplace.uptimeMs();
    // Steps that are left were refused: nothing tells when that ends.
    return steps.length === 0 ? nextMs : Math.min(nextMs ?? refusedRetryMs, refusedRetryMs);
  };
  const loop: SerialLoop = createSerialLoop(round, options.random, options.onFailure, signal);

  const views = (): RouteViews => ({
    scoped: last?.plan.scoped ?? [],
    displaced: last?.plan.displaced ?? [],
    lacking: last?.plan.lacking ?? [],
    leased: last?.plan.leased ?? [],
    uplinks: last?.plan.uplinks ?? { ipv4: null, ipv6: null },
    reading: last?.reading ?? null,
  });
  const outcome = async (id: string | null = null): Promise<WishOutcome> => {
    await loop.run();
    const displacement = id === null ? null : (last?.plan.displacements.get(id) ?? null);
    return {
      views: views(),
      displacement,
      outcomes: last?.outcomes ?? [],
      left: last?.plan.steps ?? [],
    };
  };

  return {
    async follow(seen) {
      const uptimeMs = workplace.uptimeMs();
      carriers = followCarriers(carriers, seen, uptimeMs, options.carrierGraceMs);
      interfaces = seen;
      changedAtUptimeMs = uptimeMs;
      // What was refused over the network as it was may be taken now.
      for (const name of refused.keys()) if (isDebtOfLease(name)) refused.delete(name);
      await loop.run();
    },
    look: () => loop.run(),
    async setPolicy(next) {
      policy = next;
      await loop.run();
    },
    install(name) {
      byHand.set(name, "install");
      return outcome();
    },
    remove(name) {
      byHand.set(name, "remove");
      return outcome();
    },
    displace(wish) {
      displacing.set(wish.id, wish);
      refused.delete(wish.id);
      options.displacementWatcher?.wished(wish.id);
      return outcome(wish.id);
    },
    release(id) {
      displacing.delete(id);
      refused.delete(id);
      return outcome();
    },
    setLeased(wishes) {
      leased = wishes;
      return outcome();
    },
    putBack(records) {
      putBack = records;
      return outcome();
    },
    async restore(lost = []) {
      changedAtUptimeMs = workplace.uptimeMs();
      restoring = lost;
      const outcomes: StepOutcome[] = [];
      for (;;) {
        const result = await outcome();
        outcomes.push(...result.outcomes);
        const next = last?.plan.nextAtUptimeMs ?? null;
        const waitMs = next === null ? Number.POSITIVE_INFINITY : next - workplace.uptimeMs();
        if (waitMs > longestWaitMs) return { ...result, outcomes };
        await pause(Math.max(1, waitMs), signal);
      }
    },
    async plan(planSignal, lost) {
      const seen = surroundings(interfaces ?? new Map());
      const wanted = { ...intentions(), ...(lost === undefined ? {} : restored(putBack, lost)) };
      return (await planOnce(wanted, seen, workplace, planSignal)).plan;
    },
    views,
    madeHere: (family, name) => madeHere.has(scopedKey(family, name)),
    async stop(onStop) {
      ending = onStop;
      try {
        return await outcome();
      } finally {
        await loop[Symbol.asyncDispose]();
      }
    },
    [Symbol.asyncDispose]: () => loop[Symbol.asyncDispose](),
  };
}

/** What a restore changes of the intentions; null where none is asked for. */
function restored(
  putBack: readonly RecordedDefault[],
  lost: readonly RecordedDefault[] | null,
): Pick<Intentions, "putBack" | "removeOrphans" | "offerLastKnownGood"> {
  const restores = lost !== null;
  const more = lost?.filter(({ route }) => !putBack.some((one) => isSameDefault(one.route, route)));
  return {
    putBack: [...putBack, ...(more ?? [])],
    removeOrphans: restores,
    offerLastKnownGood: restores,
  };
}

/** After a refusal of a scoped default that no event has followed. */
const refusedRetryMs = 15_000;
/** A debt's attempts are that far apart at most; what waits for longer waits for an event. */
const longestWaitMs = 13_000;

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
  });
}
