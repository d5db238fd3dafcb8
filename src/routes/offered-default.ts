import { ipFamilies } from "../network/address.ts";
import type { RecordedDefault } from "../platform/route-control.ts";
import type { DebtContext } from "./debt-context.ts";
import { isExpired, isWholeDefault } from "./default-comparison.ts";
import { addableToday } from "./owed-default.ts";

/**
 * The last known good default of each family that has none at all and is owed none: what somebody else's program
 * took away and did not bring back.
 */
export function lastKnownGoodDefaults(context: DebtContext): readonly RecordedDefault[] {
  const { journal, reading, now } = context;
  return ipFamilies.flatMap((family): readonly RecordedDefault[] => {
    const good = journal.lastKnownGood[family];
    if (good === null || isExpired(good.route, now)) return [];
    const isOwed = journal.openDebts.some(({ displaced }) => displaced.family === family);
    const has = reading.defaults.some(
      ({ route }) => route.family === family && route.type === "unicast" && isWholeDefault(route),
    );
    if (isOwed || has) return [];
    const today = addableToday(good, good.interfaces, context);
    return today.kind === "addable" ? [today.record] : [];
  });
}
