import { type IpFamily, ipFamilies } from "../network/address.ts";
import type { NetworkInterface } from "../network/interface.ts";
import type { DefaultRoute } from "../network/route.ts";
import type { RecordedDefault } from "../platform/route-control.ts";
import type { DebtContext } from "./debt-context.ts";
import { describeDefault, isExpired, isWholeDefault } from "./default-comparison.ts";
import { addableToday, type OwedDefault } from "./owed-default.ts";

/** A family that has no default at all and is owed none. */
export interface LackingDefault {
  readonly family: IpFamily;
  /** A link has an address of it that the internet could answer: the family is in use here. */
  readonly inUse: boolean;
  /** The last known good one, for a person, with why it cannot be put back now; null where none is known. */
  readonly good: { readonly what: string; readonly blockedBy: string | null } | null;
}

/**
 * The last known good default of each family that has none at all and is owed none: what somebody else's program
 * took away and did not bring back.
 */
export function lastKnownGoodDefaults(context: DebtContext): readonly RecordedDefault[] {
  return familiesWithout(context).flatMap(({ today }) =>
    today?.kind === "addable" ? [today.record] : [],
  );
}

/** Each family that has no default, and what is known of the one that it had. */
export function lackingDefaults(context: DebtContext): readonly LackingDefault[] {
  const { interfaces } = context;
  return familiesWithout(context).map(({ family, route, today }) => {
    const inUse = [...interfaces.values()].some((link) => isInUse(link, family));
    if (route === null || today === null) return { family, inUse, good: null };
    const blockedBy = today.kind === "blocked" ? today.reason : null;
    return { family, inUse, good: { what: describeDefault(route, interfaces), blockedBy } };
  });
}

// Unique local addresses (fc00::/7, RFC 4193) are of global scope to the kernel, but need no default.
function isInUse({ kind, up, carrier, addresses }: NetworkInterface, family: IpFamily): boolean {
  if (!up || !carrier || kind === "loopback" || kind === "tunnel") return false;
  return addresses.some(
    (one) => one.family === family && one.scope === "global" && !/^f[cd]/i.test(one.address),
  );
}

interface FamilyWithout {
  readonly family: IpFamily;
  /** The last known good one, as it was. */
  readonly route: DefaultRoute | null;
  readonly today: OwedDefault | null;
}

function familiesWithout(context: DebtContext): readonly FamilyWithout[] {
  const { journal, reading, now } = context;
  return ipFamilies.flatMap((family): readonly FamilyWithout[] => {
    const isOwed = journal.openDebts.some(({ displaced }) => displaced.family === family);
    const has = reading.defaults.some(
      ({ route }) => route.family === family && route.type === "unicast" && isWholeDefault(route),
    );
    if (isOwed || has) return [];
    const good = journal.lastKnownGood[family];
    if (good === null || isExpired(good.route, now)) return [{ family, route: null, today: null }];
    return [{ family, route: good.route, today: addableToday(good, good.interfaces, context) }];
  });
}
