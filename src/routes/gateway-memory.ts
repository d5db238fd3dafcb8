import type { IpFamily } from "../network/address.ts";
import type { NetworkInterface } from "../network/interface.ts";
import { connectedPrefixes, hasAddress } from "./connected-prefix.ts";
import { recogniseInterface } from "./journal/interface-identity.ts";
import type { JournalState } from "./journal/journal-state.ts";
import type { RecordOf } from "./journal/record.ts";

/** What became of the carriers, from which it follows which remembered gateways hold no more. Replaced, never changed. */
export interface CarrierHistory {
  /** By interface index: since when it has no carrier, in ms of uptime. */
  readonly lostSince: ReadonlyMap<number, number>;
  /** By interface index: what was remembered before that uptime is over. */
  readonly endedAt: ReadonlyMap<number, number>;
}

export const emptyCarrierHistory: CarrierHistory = { lostSince: new Map(), endedAt: new Map() };

/**
 * Goes on with the history. A network may have been changed while a carrier was away for longer than the grace, so
 * that what was known of its gateway is known no more.
 */
export function followCarriers(
  history: CarrierHistory,
  interfaces: ReadonlyMap<number, NetworkInterface>,
  uptimeMs: number,
  graceMs: number,
): CarrierHistory {
  const lostSince = new Map<number, number>();
  const endedAt = new Map([...history.endedAt].filter(([index]) => interfaces.has(index)));
  for (const { index, up, carrier } of interfaces.values()) {
    const since = history.lostSince.get(index) ?? uptimeMs;
    const away = !(up && carrier);
    if (away) lostSince.set(index, since);
    if (history.lostSince.has(index) && uptimeMs - since > graceMs) endedAt.set(index, uptimeMs);
  }
  return { lostSince, endedAt };
}

/** The gateway that the journal remembers of an interface, or null when there is none or it holds no more. */
export function rememberedGateway(
  link: NetworkInterface,
  family: IpFamily,
  { remembered }: JournalState,
  history: CarrierHistory,
  uptimeMs: number,
): RecordOf<"slot"> | null {
  const record = remembered.findLast(
    (one) => one.family === family && one.state !== "handed-over" && isOf(one, link),
  );
  if (record === undefined) return null;
  const since = record.gatewaySinceUptimeMs ?? record.uptimeMs;
  if (since < (history.endedAt.get(link.index) ?? Number.NEGATIVE_INFINITY)) return null;
  const until = record.gatewayUntilUptimeMs ?? null;
  if (until !== null && until <= uptimeMs) return null;
  const now = connectedPrefixes(link, family);
  const same =
    now.length === record.prefixes.length &&
    now.every((prefix, at) => prefix === record.prefixes[at]);
  return same && hasAddress(link, family) ? record : null;
}

function isOf(record: RecordOf<"slot">, link: NetworkInterface): boolean {
  const alone = new Map([[link.index, link]]);
  if (recogniseInterface(record.interface, alone).kind === "gone") return false;
  // An index and a name can both be given anew: with a MAC on both sides it must be the same one.
  return record.interface.mac === null || link.mac === null || record.interface.mac === link.mac;
}
