import type { NetworkInterface } from "../../network/interface.ts";
import type { DefaultRoute } from "../../network/route.ts";
import type { InterfaceIdentity, RecordedDefault } from "../../platform/route-control.ts";
import type { Requester } from "../../platform/route-evidence.ts";
import { identitiesOf, recordOf, relocate } from "./default-identity.ts";
import type { LastStood } from "./evidence-log.ts";
import { footingOf } from "./footing.ts";
import type { LostBecause } from "./guard-event.ts";
import type { NetworkSeen } from "./network-seen.ts";
import type { Verdict } from "./verdict.ts";

/** How a default that does not stand went, and what was seen since. */
export interface Missing {
  readonly kind: "missing";
  readonly since: number;
  readonly linkLost: boolean;
  readonly addressLost: boolean;
  readonly expired: boolean;
  /** Since when link and address are there without a break; null while they are not. */
  readonly footingSince: number | null;
  /** Null until the grace is over. */
  readonly verdict: Verdict | null;
  /** Since when nothing of the usurper stands; null while something does. */
  readonly freeSince: number | null;
}

/** A default that was missed for long enough. */
interface Lost {
  readonly kind: "lost";
  readonly since: number;
  readonly because: LostBecause;
  readonly restorable: boolean;
  /** `default-lost` was told, so `default-restored` is owed. */
  readonly told: boolean;
  /** How often its routers were asked, and when they may be asked again. */
  readonly asked: number;
  readonly askAt: number;
}

/** One default that the guard looks after. Values are replaced, never changed. */
export interface Charge {
  /** As it last stood. */
  readonly route: DefaultRoute;
  readonly interfaces: readonly InterfaceIdentity[];
  readonly record: RecordedDefault | null;
  /** By metric: who put it there, other than netwatch, as far as that was heard. */
  readonly owners: ReadonlyMap<number, Requester>;
  readonly stood: LastStood;
  readonly phase: { readonly kind: "standing" } | Missing | Lost;
}

/** The charge as it stands now; what was known of its maker and its bytes is kept where nothing newer is. */
export function standingCharge(
  before: Charge | null,
  route: DefaultRoute,
  stood: LastStood,
  seen: NetworkSeen,
): Charge {
  const full = isDegraded(before, route) ? before : null;
  return {
    route: full?.route ?? route,
    interfaces: full?.interfaces ?? identitiesOf(route, seen.interfaces),
    record: full?.record ?? recordOf(route, seen.records) ?? keptRecord(before, route),
    owners: before?.owners ?? new Map(),
    stood,
    phase: { kind: "standing" },
  };
}

/** The charge at a look that does not show it. */
export function missingCharge(
  charge: Charge,
  expired: boolean,
  interfaces: ReadonlyMap<number, NetworkInterface>,
  now: number,
): Charge {
  if (charge.phase.kind === "lost") return charge;
  const before = charge.phase.kind === "missing" ? charge.phase : null;
  const { link, address, source } = footingOf(
    relocate(charge.route, charge.interfaces, interfaces),
    interfaces,
  );
  const phase: Missing = {
    kind: "missing",
    since: before?.since ?? now,
    linkLost: (before?.linkLost ?? false) || !link,
    addressLost: (before?.addressLost ?? false) || !address || !source,
    expired: (before?.expired ?? false) || expired,
    footingSince: link && address ? (before?.footingSince ?? now) : null,
    verdict: before?.verdict ?? null,
    freeSince: before?.freeSince ?? null,
  };
  return { ...charge, phase };
}

/** A multipath default that lost a leg is kept as it was when it was whole. */
function isDegraded(before: Charge | null, route: DefaultRoute): before is Charge {
  return before !== null && before.route.nexthops.length > Math.max(1, route.nexthops.length);
}

function keptRecord(before: Charge | null, route: DefaultRoute): RecordedDefault | null {
  const record = before?.record ?? null;
  return record === null ? null : recordOf(route, [record]);
}
