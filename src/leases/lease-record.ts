import { z } from "zod";
import { ipFamilies } from "../network/address.ts";
import type { JournalFact, RecordOf } from "../routes/journal/record.ts";
import type { Lease } from "./lease.ts";

const families = z.array(z.enum(ipFamilies)).readonly();
const texts = z.array(z.string()).readonly();

const keptSchema = z.object({
  group: z.string(),
  since: z.number(),
  wish: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("uplink"), via: z.string().nullable(), families }),
    z.object({
      kind: z.literal("default"),
      via: z.string(),
      families,
      mode: z.enum(["metric", "split", "displace"]),
      gateways: texts,
      onLost: z.enum(["restore", "block"]),
      endpoints: texts,
      stack: z.boolean(),
    }),
  ]),
});

/** What the journal keeps of a lease that outlives its connection. */
export function factOfLease(lease: Lease, state: "held" | "released"): JournalFact {
  const { id, owner, ttlMs, wish, group, since } = lease;
  const { pid, uid, command } = owner;
  const kept = JSON.parse(JSON.stringify({ group, since, wish }));
  return { kind: "lease", lease: id, by: { command, pid, uid }, ttlMs, wish: kept, state };
}

/** The lease of a record; null for one that this version does not understand. */
export function leaseOfRecord(record: RecordOf<"lease">): Lease | null {
  const kept = keptSchema.safeParse(record.wish);
  const { pid, uid, command } = record.by;
  if (!kept.success || pid === null || uid === null) return null;
  const { group, since, wish } = kept.data;
  return {
    id: record.lease,
    wish,
    group,
    since,
    ttlMs: record.ttlMs,
    owner: { pid, uid, command },
  };
}
