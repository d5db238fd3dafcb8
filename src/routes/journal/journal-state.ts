import type { IpFamily } from "../../network/address.ts";
import type { JournalIdentity, JournalRecord, RecordOf } from "./record.ts";

/** A displacement that was not closed. */
export interface OpenDebt {
  /** With the lifetimes that were learned since. */
  readonly displaced: RecordOf<"displaced">;
  /** The newest retry state, or null when settling was not tried. */
  readonly pending: RecordOf<"pending"> | null;
}

/** What the journal says of one kernel. Every list is in the order of writing. */
export interface JournalState {
  readonly openDebts: readonly OpenDebt[];
  /** The newest record of each family, slot and place that is in use. */
  readonly slots: readonly RecordOf<"slot">[];
  /** The newest record of each family and interface, removed ones too: where a remembered gateway stands. */
  readonly remembered: readonly RecordOf<"slot">[];
  readonly lastKnownGood: Readonly<Record<IpFamily, RecordOf<"last-known-good"> | null>>;
  /** Plans that were begun and neither finished nor undone. */
  readonly openPlans: readonly RecordOf<"intent">[];
  /** Routes to servers of tunnels that may stand. */
  readonly hostRoutes: readonly RecordOf<"host-route">[];
  /** Leases that outlive their connection and were not released. */
  readonly leases: readonly RecordOf<"lease">[];
}

/** A debt as it was recorded, and by place the newest lifetimes. */
interface NewestDebt extends OpenDebt {
  readonly lifetimes: Map<number, RecordOf<"lifetime">>;
}

interface Newest {
  readonly debts: ReadonlyMap<string, NewestDebt>;
  readonly slots: ReadonlyMap<string, RecordOf<"slot">>;
  readonly remembered: ReadonlyMap<string, RecordOf<"slot">>;
  readonly lastKnownGood: ReadonlyMap<
    IpFamily,
    RecordOf<"last-known-good"> | RecordOf<"last-known-good-void">
  >;
  readonly plans: ReadonlyMap<string, RecordOf<"intent">>;
  readonly hostRoutes: ReadonlyMap<string, RecordOf<"host-route">>;
  readonly leases: ReadonlyMap<string, RecordOf<"lease">>;
}

/** So many interfaces are remembered; a host that makes and drops uplinks must not grow the file. */
const mostRemembered = 256;

/** Folds records in the order of writing; those of another boot or namespace are history and do not count. */
export function foldJournal(
  records: Iterable<JournalRecord>,
  identity: JournalIdentity,
): JournalState {
  const newest = newestOf(records, identity);
  const { debts, slots, remembered, lastKnownGood, plans, hostRoutes, leases } = newest;
  const good = (family: IpFamily): RecordOf<"last-known-good"> | null => {
    const record = lastKnownGood.get(family);
    return record?.kind === "last-known-good" ? record : null;
  };
  return {
    openDebts: [...debts.values()].map(withLifetimes),
    slots: [...slots.values()].filter(({ state }) => state === "intent" || state === "installed"),
    remembered: [...remembered.values()].slice(-mostRemembered),
    lastKnownGood: { ipv4: good("ipv4"), ipv6: good("ipv6") },
    openPlans: [...plans.values()],
    hostRoutes: [...hostRoutes.values()],
    leases: [...leases.values()],
  };
}

/** The records that the state rests on: folding them alone, in their order, gives the same state. */
export function recordsThatCount(
  records: Iterable<JournalRecord>,
  identity: JournalIdentity,
): ReadonlySet<JournalRecord> {
  const newest = newestOf(records, identity);
  const { debts, slots, remembered, lastKnownGood, plans, hostRoutes, leases } = newest;
  return new Set<JournalRecord>([
    ...[...debts.values()].flatMap(({ displaced, pending, lifetimes }) => [
      displaced,
      ...(pending === null ? [] : [pending]),
      ...lifetimes.values(),
    ]),
    // A slot's end too: without it an older record of the slot, kept for its interface, would count again.
    ...slots.values(),
    ...[...remembered.values()].slice(-mostRemembered),
    ...lastKnownGood.values(),
    ...plans.values(),
    ...hostRoutes.values(),
    ...leases.values(),
  ]);
}

function newestOf(records: Iterable<JournalRecord>, identity: JournalIdentity): Newest {
  const debts = new Map<string, NewestDebt>();
  const slots = new Map<string, RecordOf<"slot">>();
  const remembered = new Map<string, RecordOf<"slot">>();
  const lastKnownGood = new Map<
    IpFamily,
    RecordOf<"last-known-good"> | RecordOf<"last-known-good-void">
  >();
  const plans = new Map<string, RecordOf<"intent">>();
  const hostRoutes = new Map<string, RecordOf<"host-route">>();
  const leases = new Map<string, RecordOf<"lease">>();
  for (const record of records) {
    if (!belongsTo(record, identity)) continue;
    switch (record.kind) {
      case "displaced":
        // A debt is recorded once; a second record of its name must not replace what stood first.
        if (!debts.has(record.debt))
          debts.set(record.debt, { displaced: record, pending: null, lifetimes: new Map() });
        break;
      case "lifetime":
        debts.get(record.debt)?.lifetimes.set(record.place, record);
        break;
      case "pending": {
        const debt = debts.get(record.debt);
        if (debt !== undefined) debts.set(record.debt, { ...debt, pending: record });
        break;
      }
      case "closed":
        debts.delete(record.debt);
        break;
      case "slot":
        renew(slots, slotName(record), record);
        remember(remembered, `${record.family} ${rememberedAs(record.interface)}`, record);
        break;
      case "last-known-good":
      case "last-known-good-void":
        lastKnownGood.set(record.family, record);
        break;
      case "intent":
        renew(plans, record.plan, record);
        break;
      case "done":
        plans.delete(record.plan);
        break;
      case "host-route": {
        const { family, destination, gateway, interface: link } = record;
        const key = `${family} ${destination} ${gateway} ${link.index}`;
        if (record.state === "removed") hostRoutes.delete(key);
        else renew(hostRoutes, key, record);
        break;
      }
      case "lease":
        if (record.state === "released") leases.delete(record.lease);
        else renew(leases, record.lease, record);
        break;
      default:
        record satisfies never;
    }
  }
  return { debts, slots, remembered, lastKnownGood, plans, hostRoutes, leases };
}

function withLifetimes({ displaced, pending, lifetimes }: NewestDebt): OpenDebt {
  if (lifetimes.size === 0) return { displaced, pending };
  const defaults = displaced.defaults.map((one, place) => {
    const expiresAt = lifetimes.get(place)?.expiresAt;
    return expiresAt === undefined ? one : { ...one, route: { ...one.route, expiresAt } };
  });
  return { displaced: { ...displaced, defaults }, pending };
}

/** The record was written for this kernel. */
function belongsTo(
  { bootId, namespaceCookie }: JournalIdentity,
  identity: JournalIdentity,
): boolean {
  return bootId === identity.bootId && namespaceCookie === identity.namespaceCookie;
}

function rememberedAs({
  mac,
  name,
}: {
  readonly mac: string | null;
  readonly name: string;
}): string {
  return mac ?? `name ${name}`;
}

/** With another configuration the same slot is another place, and what stood in the first must not be forgotten. */
function slotName({ family, slot, preference, table }: RecordOf<"slot">): string {
  return `${family} ${slot} ${preference} ${table}`;
}

/** The end of a slot in a former place says nothing newer of the gateway. */
function remember(map: Map<string, RecordOf<"slot">>, key: string, record: RecordOf<"slot">): void {
  const known = map.get(key);
  const sinceOf = (one: RecordOf<"slot">): number => one.gatewaySinceUptimeMs ?? one.uptimeMs;
  if (known === undefined || sinceOf(record) >= sinceOf(known)) renew(map, key, record);
}

/** Sets a key as the newest: a plain `set` would leave it where it first stood. */
function renew<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
}
