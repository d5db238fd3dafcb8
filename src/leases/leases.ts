import type { IpFamily } from "../network/address.ts";
import type { DefaultRoute } from "../network/route.ts";
import { foldJournal } from "../routes/journal/journal-state.ts";
import { type Binding, bindingsOf, type Sight } from "./binding.ts";
import { changesOf } from "./binding-change.ts";
import { isSameWish, type Lease, type LeaseWish } from "./lease.ts";
import { LeaseError } from "./lease-error.ts";
import type {
  HeldLease,
  HolderNews,
  Leases,
  LeasesOptions,
  LeaseTerms,
  ReleaseCause,
} from "./lease-holding.ts";
import { factOfLease, leaseOfRecord } from "./lease-record.ts";
import { refusalOf } from "./lease-refusal.ts";
import { checkConflicts, checkNumber, groupOf, leaseLimits, settleWish } from "./lease-terms.ts";
import { wishesOf } from "./leased-wishes.ts";
import { awaitLinks } from "./link-arrivals.ts";

interface Entry {
  lease: Lease;
  bindings: readonly Binding[];
  granted: boolean;
  /** The connection that holds it; null while its time runs. */
  holder: { listener: ((news: HolderNews) => void) | null } | null;
  endsAtUptimeMs: number | null;
}

const longestTimerMs = 2_147_483_647;

/** Opens the leases; those of the journal that outlive their connection are held until their time is over. */
export async function openLeases(options: LeasesOptions): Promise<Leases> {
  const { keeper, journal, uptimeMs, onNews, onTrouble, limits = leaseLimits } = options;
  const entries = new Map<string, Entry>();
  const arrivals = awaitLinks(options.links, uptimeMs);
  let turn: Promise<unknown> = Promise.resolve();
  let looking = false;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let closed = false;

  const leases = (): readonly Lease[] => [...entries.values()].map(({ lease }) => lease);
  const inTurn = <Value>(work: () => Promise<Value>): Promise<Value> => {
    const next = turn.then(work);
    turn = next.catch(() => undefined);
    return next;
  };
  const apply = (): Promise<unknown> => {
    const granted = [...entries.values()].filter((entry) => entry.granted);
    return keeper.setLeased(wishesOf(leases(), new Set(granted.map(({ lease }) => lease.group))));
  };
  const write = async (lease: Lease, state: "held" | "released"): Promise<void> => {
    if (lease.ttlMs > 0) await journal.append([factOfLease(lease, state)]);
  };
  /** A daemon that dies and comes again does not make their time longer. */
  const writeEnds = async (left: readonly Entry[]): Promise<void> =>
    journal.append(
      left.map(({ lease, endsAtUptimeMs }) =>
        factOfLease(lease, "held", endsAtUptimeMs ?? undefined),
      ),
    );

  const see = async (): Promise<Sight> => {
    const families = new Set(
      leases().flatMap(({ wish }) => (wish.kind === "default" ? wish.families : [])),
    );
    const carriers = new Map<IpFamily, readonly DefaultRoute[]>();
    for (const family of families) carriers.set(family, await options.readCarriers(family));
    const { scoped, leased, uplinks, reading } = keeper.views();
    return {
      links: options.links(),
      scoped,
      found: reading?.scoped ?? [],
      leased,
      uplinks,
      tableRules: reading?.tableRules ?? [],
      carriers,
      tableBase: options.tableBase,
    };
  };
  const lookNow = async (): Promise<void> => {
    if (closed || entries.size === 0) return;
    const sight = await see();
    for (const entry of entries.values()) {
      const before = entry.bindings;
      entry.bindings = bindingsOf(entry.lease, sight);
      for (const change of changesOf(before, entry.bindings)) {
        onNews({ kind: "changed", lease: entry.lease, change });
        entry.holder?.listener?.({ kind: "changed", change, bindings: entry.bindings });
      }
    }
  };
  const look = (): void => {
    arrivals.look();
    if (looking || closed) return;
    looking = true;
    inTurn(async () => {
      looking = false;
      await lookNow();
    }).catch(onTrouble);
  };

  const drop = (entry: Entry, because: ReleaseCause): void => {
    if (!entries.delete(entry.lease.id)) return;
    entry.holder = null;
    onNews({ kind: "released", lease: entry.lease, because });
    if (closed) return;
    // It is undone even where that cannot be written down, and whatever else is under way.
    Promise.all([apply(), write(entry.lease, "released")]).catch(onTrouble);
    look();
  };
  const arm = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const times = [...entries.values()].flatMap(({ endsAtUptimeMs }) => endsAtUptimeMs ?? []);
    if (times.length === 0 || closed) return;
    const waitMs = Math.min(...times) - uptimeMs();
    timer = setTimeout(expire, Math.min(Math.max(1, waitMs), longestTimerMs));
    timer.unref?.();
  };
  const expire = (): void => {
    const now = uptimeMs();
    for (const entry of [...entries.values()])
      if (entry.endsAtUptimeMs !== null && entry.endsAtUptimeMs <= now) drop(entry, "expired");
    arm();
  };

  const heldBy = (entry: Entry, reclaimed: boolean): HeldLease => {
    const holder: NonNullable<Entry["holder"]> = { listener: null };
    entry.holder = holder;
    entry.endsAtUptimeMs = null;
    arm();
    return {
      lease: entry.lease,
      reclaimed,
      bindings: () => entry.bindings,
      follow(listener) {
        holder.listener = listener;
        if (entry.holder !== holder)
          listener({ kind: "released", because: "claimed", bindings: entry.bindings });
      },
      leave(cause) {
        if (entry.holder !== holder) return;
        entry.holder = null;
        if (entry.lease.ttlMs === 0 || closed || cause !== undefined) {
          drop(entry, cause ?? "ended");
          return;
        }
        entry.endsAtUptimeMs = uptimeMs() + entry.lease.ttlMs;
        onNews({ kind: "left", lease: entry.lease });
        writeEnds([entry]).catch(onTrouble);
        arm();
      },
    };
  };

  const takeOver = async (entry: Entry, { owner, ttlMs }: LeaseTerms): Promise<HeldLease> => {
    entry.holder?.listener?.({ kind: "released", because: "claimed", bindings: entry.bindings });
    const before = entry.lease;
    entry.lease = { ...before, owner, ttlMs };
    if (ttlMs > 0 || before.ttlMs > 0) await write(entry.lease, ttlMs > 0 ? "held" : "released");
    onNews({ kind: "granted", lease: entry.lease, reclaimed: true });
    return heldBy(entry, true);
  };

  const keep = (entry: Entry): void => {
    entries.set(entry.lease.id, entry);
    // Its holder may have left meanwhile.
    if (entry.holder === null && entry.endsAtUptimeMs === null) drop(entry, "ended");
    arm();
  };
  const endByClaim = async (entry: Entry): Promise<void> => {
    const { lease, holder, bindings } = entry;
    entry.holder = null;
    holder?.listener?.({ kind: "released", because: "claimed", bindings });
    onNews({ kind: "released", lease, because: "claimed" });
    await write(lease, "released");
  };

  /** A lease that is given up for the new one goes when that one stands, and stays when it is refused. */
  const grant = async (
    wish: LeaseWish,
    { owner, ttlMs }: LeaseTerms,
    givenUp: Entry | undefined,
  ): Promise<HeldLease> => {
    const others = leases().filter((lease) => lease !== givenUp?.lease);
    checkNumber(owner.uid, others, limits);
    checkConflicts(wish, others, limits);
    const id = options.newId();
    const group = groupOf(wish, others) ?? id;
    const lease: Lease = { id, wish, group, owner, since: options.now(), ttlMs };
    await write(lease, "held");
    const entry: Entry = {
      lease,
      bindings: [],
      granted: false,
      holder: null,
      endsAtUptimeMs: null,
    };
    if (givenUp !== undefined) entries.delete(givenUp.lease.id);
    entries.set(id, entry);
    try {
      await options.follow();
      await apply();
      entry.bindings = bindingsOf(lease, await see());
      const refusal = refusalOf(lease, entry.bindings);
      if (refusal !== null) throw refusal;
    } catch (error) {
      entries.delete(id);
      if (givenUp !== undefined) keep(givenUp);
      await Promise.all([apply(), write(lease, "released")]).catch(onTrouble);
      throw error;
    }
    if (givenUp !== undefined) await endByClaim(givenUp);
    entry.granted = true;
    apply().catch(onTrouble);
    onNews({ kind: "granted", lease, reclaimed: false });
    const held = heldBy(entry, false);
    look();
    return held;
  };

  for (const record of foldJournal(journal.records, journal.identity).leases) {
    const lease = leaseOfRecord(record);
    if (lease === null) continue;
    // Its connection ended with the daemon that had it.
    const endsAtUptimeMs = record.endsAtUptimeMs ?? uptimeMs() + lease.ttlMs;
    entries.set(lease.id, { lease, bindings: [], granted: true, holder: null, endsAtUptimeMs });
  }
  if (entries.size > 0) {
    await writeEnds([...entries.values()]).catch(onTrouble);
    await apply().catch(onTrouble);
    const sight = await see().catch(() => null);
    if (sight !== null)
      for (const entry of entries.values()) entry.bindings = bindingsOf(entry.lease, sight);
    arm();
  }

  return {
    async request(asked, terms) {
      const link = asked.via === null ? null : await arrivals.find(asked.via, asked.kind);
      return await inTurn(async () => {
        if (closed)
          throw new LeaseError("stopping", "netwatchd is about to end", "try again later");
        const claimed = terms.claim === null ? undefined : entries.get(terms.claim);
        if (claimed !== undefined && claimed.lease.owner.uid !== terms.owner.uid)
          throw new LeaseError(
            "not-yours",
            `the lease ${claimed.lease.id} belongs to another user`,
            "claim only what you were granted",
          );
        // A lease whose interface is away is taken over all the same: it waits for it.
        const families = asked.families ?? claimed?.lease.wish.families ?? null;
        if (claimed !== undefined && families !== null) {
          const wish = { ...asked, families } as LeaseWish;
          if (isSameWish(claimed.lease.wish, wish)) return await takeOver(claimed, terms);
        }
        return await grant(settleWish(asked, link, keeper.views().uplinks), terms, claimed);
      });
    },
    look,
    concerns: (name) =>
      arrivals.isAwaited(name) ||
      leases().some(({ wish }) => wish.via === name || wish.via === null),
    list: () =>
      [...entries.values()].map(({ lease, bindings, holder, endsAtUptimeMs }) => ({
        lease,
        bindings,
        connected: holder !== null,
        endsAt: endsAtUptimeMs === null ? null : options.now() + endsAtUptimeMs - uptimeMs(),
      })),
    async [Symbol.asyncDispose]() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      arrivals.end();
      await turn;
      const left = leases();
      for (const entry of [...entries.values()]) {
        entry.holder?.listener?.({
          kind: "released",
          because: "stopping",
          bindings: entry.bindings,
        });
        drop(entry, "stopping");
      }
      const kept = left.filter(({ ttlMs }) => ttlMs > 0);
      await journal.append(kept.map((lease) => factOfLease(lease, "released"))).catch(onTrouble);
    },
  };
}
