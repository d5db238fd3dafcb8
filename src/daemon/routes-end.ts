import type { NetworkInterface } from "../network/interface.ts";
import type { Workplace } from "../routes/apply.ts";
import { emptyCarrierHistory } from "../routes/gateway-memory.ts";
import type { JournalMoment } from "../routes/journal/journal-entry.ts";
import { JournalError } from "../routes/journal/journal-error.ts";
import { readOnlyJournal } from "../routes/journal-port.ts";
import { reconcile } from "../routes/reconcile.ts";
import type { RouteKeeper } from "../routes/route-keeper.ts";
import { intentionsOf } from "../routes/verb.ts";
import type { Logger } from "./logger.ts";

/** What ending takes. */
export interface RoutesEndOptions {
  readonly keeper: RouteKeeper;
  readonly workplace: Workplace;
  readonly onStop: "remove" | "keep";
  readonly interfaces: ReadonlyMap<number, NetworkInterface>;
  /** The protocol that marks routes as ours. */
  readonly tag: string;
  readonly moment: () => JournalMoment;
  readonly log: Logger;
}

/**
 * Settles what is owed and withdraws what is scoped, unless it shall stay. Where the journal cannot be written any
 * more it is done all the same: to bring back what is recorded no new record is needed. Never throws.
 */
export async function endRoutes(options: RoutesEndOptions, signal: AbortSignal): Promise<void> {
  const { keeper, onStop, log } = options;
  try {
    await keeper.stop(onStop);
  } catch (error) {
    try {
      if (!(error instanceof JournalError)) throw error;
      log.warn("the journal cannot be written: the routes are brought back without it", { error });
      await endWithoutJournal(options, signal);
    } catch (reason) {
      const hint = "run `netwatch routes restore` when that is mended";
      log.error(`the routes could not be brought back; ${hint}`, { error: reason });
    }
  }
}

async function endWithoutJournal(
  { workplace, onStop, interfaces, tag, moment }: RoutesEndOptions,
  signal: AbortSignal,
): Promise<void> {
  const { records, identity } = workplace.journal;
  await reconcile(
    intentionsOf(onStop === "keep" ? "settle" : "withdraw"),
    {
      interfaces,
      carriers: emptyCarrierHistory,
      holds: [],
      madeHere: new Set(),
      refused: new Map(),
      tag,
      now: () => moment().epochMs,
      // Everything is tried once more, whatever was refused before.
      changedAtUptimeMs: moment().uptimeMs,
    },
    { ...workplace, journal: readOnlyJournal(records, identity, moment) },
    signal,
  );
}
