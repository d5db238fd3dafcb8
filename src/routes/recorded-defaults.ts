import type { NetworkInterface } from "../network/interface.ts";
import type { DefaultRoute } from "../network/route.ts";
import type { JournalState } from "./journal/journal-state.ts";
import { overPresentLinks } from "./owed-default.ts";

/** The defaults that the journal knows to have stood, over the interfaces of now: displaced, and last known good. */
export function recordedDefaults(
  journal: JournalState,
  interfaces: ReadonlyMap<number, NetworkInterface>,
): readonly DefaultRoute[] {
  const displaced = journal.openDebts.flatMap(({ displaced: record }) =>
    record.defaults.flatMap(
      ({ route }) => overPresentLinks(route, record.interfaces, interfaces) ?? [],
    ),
  );
  const { ipv4, ipv6 } = journal.lastKnownGood;
  const good = [ipv4, ipv6].flatMap((record) =>
    record === null ? [] : (overPresentLinks(record.route, record.interfaces, interfaces) ?? []),
  );
  return [...displaced, ...good];
}
