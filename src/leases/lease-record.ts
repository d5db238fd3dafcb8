import { ipFamilies } from "../network/address.ts";
import type { JournalFact, RecordOf } from "../routes/journal/record.ts";
import { amount, flag, list, nullable, object, oneOf, text } from "../routes/journal/shape.ts";
import type { Lease, LeaseWish } from "./lease.ts";

const families = list(oneOf(ipFamilies));
const kept = object({ group: text(1), since: amount(0) });
const uplink = object({ kind: oneOf(["uplink"]), via: nullable(text()), families });
const byInterface = object({
  kind: oneOf(["default"]),
  via: text(),
  families,
  mode: oneOf(["metric", "split", "displace"]),
  gateways: list(text()),
  onLost: oneOf(["restore", "block"]),
  endpoints: list(text()),
  stack: flag(),
});

/** What the journal keeps of a lease that outlives its connection; its end, once that is broken. */
export function factOfLease(
  lease: Lease,
  state: "held" | "released",
  endsAtUptimeMs?: number,
): JournalFact {
  const { id, owner, ttlMs, wish, group, since } = lease;
  const { pid, uid, command } = owner;
  const words = JSON.parse(JSON.stringify({ group, since, wish }));
  const by = { command, pid, uid };
  const ends = endsAtUptimeMs === undefined ? {} : { endsAtUptimeMs };
  return { kind: "lease", lease: id, by, ttlMs, wish: words, state, ...ends };
}

/** The lease of a record; null for one that this version does not understand. */
export function leaseOfRecord({
  lease: id,
  by,
  ttlMs,
  wish: words,
}: RecordOf<"lease">): Lease | null {
  const { pid, uid, command } = by;
  if (kept(words, "lease") !== null || pid === null || uid === null) return null;
  const { group, since, wish } = words as Pick<Lease, "group" | "since"> & { wish: unknown };
  const isWish = uplink(wish, "wish") === null || byInterface(wish, "wish") === null;
  if (!isWish) return null;
  return { id, wish: wish as LeaseWish, group, since, ttlMs, owner: { pid, uid, command } };
}
