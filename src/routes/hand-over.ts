import type { FoundScoped, ScopedDefault } from "../platform/route-control.ts";
import { connectedPrefixes, hasAddress } from "./connected-prefix.ts";
import { hasUnscopedDefault } from "./gateway-choice.ts";
import { identityOf } from "./journal/interface-identity.ts";
import type { JournalState } from "./journal/journal-state.ts";
import type { ScopedPlanInput } from "./plan-scoped.ts";
import { describeScoped, type PlannedScoped, type ScopedStep } from "./step.ts";

/** Whether the journal's last word on one that stands is that it is the system's now. */
export function isHandedOver(
  { family, slot, gateway }: ScopedDefault,
  { remembered }: JournalState,
): boolean {
  const last = remembered.findLast((one) => one.family === family && one.slot === slot);
  return last?.state === "handed-over" && last.gateway === gateway;
}

/**
 * Where scoped defaults are routes, the system wants one of its own for each interface in use that does not hold the
 * unscoped default. It finds ours there already, and may count on it: so that one is left when netwatch ends, and
 * written down as handed over.
 *
 * @returns the steps, none when that was done before; null for one that is to be deleted
 */
export function handOver(
  { entry, complete }: FoundScoped,
  { reading, journal, interfaces, traits, withdraw, now, uptimeMs }: ScopedPlanInput,
): readonly ScopedStep[] | null {
  const { family, gateway } = entry;
  const link = interfaces.get(entry.interfaceIndex);
  if (traits.scoped === "rules" || !complete) return null;
  if (link?.up !== true || link.kind === "tunnel" || !hasAddress(link, family)) return null;
  const routes = reading.defaults.flatMap(({ route }) => (route.family === family ? [route] : []));
  if (hasUnscopedDefault(link, routes, now)) return null;
  if (isHandedOver(entry, journal)) return [];
  if (!withdraw) return null;
  const planned: PlannedScoped = {
    entry,
    identity: identityOf(link),
    prefixes: connectedPrefixes(link, family),
    choice: {
      from: "foreign-scoped",
      gateway,
      onlink: false,
      source: null,
      mtu: null,
      nexthops: [],
      sinceUptimeMs: uptimeMs,
      untilUptimeMs: null,
    },
    leased: false,
  };
  const reason = `${describeScoped(entry)}: the system may count on it`;
  return [{ kind: "hand-over", planned, reason }];
}
