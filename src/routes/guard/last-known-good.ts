import { type IpFamily, ipFamilies } from "../../network/address.ts";
import type { InterfaceKind } from "../../network/interface.ts";
import type { DefaultRoute } from "../../network/route.ts";
import type { InterfaceIdentity, RecordedDefault } from "../../platform/route-control.ts";
import { isOnLink } from "../connected-prefix.ts";
import type { JournalFact } from "../journal/record.ts";
import { isStaleEnd } from "../lifetime.ts";
import {
  identitiesOf,
  isPlainDefault,
  isSameDefault,
  legsOf,
  recordOf,
  relocate,
} from "./default-identity.ts";
import { kindsOfLegs } from "./loss.ts";
import type { NetworkSeen } from "./network-seen.ts";

/** What the journal holds of a family's last known good. */
export interface KnownGood {
  /** Base64, as in the journal. */
  readonly raw: string;
  readonly route: DefaultRoute;
  readonly interfaces: readonly InterfaceIdentity[];
}

/** What the journal is told of it. */
export type GoodFact = Extract<
  JournalFact,
  { readonly kind: "last-known-good" | "last-known-good-void" }
>;

export interface LastKnownGoodOptions {
  /** How long a default must have stood, in ms. */
  readonly standForMs: number;
  /** What the journal says already. */
  readonly known: Readonly<Record<IpFamily, KnownGood | null>>;
  readonly isOurRoute: (route: DefaultRoute) => boolean;
  /** Takes a fact for the journal. */
  readonly write: (fact: GoodFact) => void;
  /** Ms since the epoch: the clock of lifetimes. */
  readonly epochMs?: () => number;
}

/**
 * Keeps in the journal, for each family, the last effective default that stood long enough on a live link that is
 * no tunnel. Times are of one clock that stops while the host sleeps, in ms. It owns no timer.
 */
export interface LastKnownGood {
  look(seen: NetworkSeen, now: number): void;
  advance(now: number): void;
  dueAt(): number | null;
  /** Not to be offered any more, if it is this default. */
  voidIfSame(route: DefaultRoute, reason: "deliberate-removal" | "router-lifetime"): void;
  /** The user said so. */
  forget(family: IpFamily): void;
}

interface Standing {
  readonly record: RecordedDefault;
  readonly interfaces: readonly InterfaceIdentity[];
  readonly since: number;
}

export function createLastKnownGood(options: LastKnownGoodOptions): LastKnownGood {
  const { standForMs, isOurRoute, write, epochMs = Date.now } = options;
  const known: Record<IpFamily, KnownGood | null> = { ...options.known };
  const standing: Record<IpFamily, Standing | null> = { ipv4: null, ipv6: null };

  const isWritten = ({ record, interfaces }: Standing, family: IpFamily): boolean => {
    const good = known[family];
    return (
      good?.raw === base64(record) &&
      sameIdentities(good.interfaces, interfaces) &&
      !isStaleEnd(good.route.expiresAt, record.route.expiresAt, epochMs())
    );
  };

  const voidKnown = (
    family: IpFamily,
    reason: "deliberate-removal" | "router-lifetime" | "forgotten",
  ): void => {
    if (known[family] === null) return;
    known[family] = null;
    write({ kind: "last-known-good-void", family, reason });
  };

  const advance = (now: number): void => {
    for (const family of ipFamilies) {
      const candidate = standing[family];
      if (candidate === null || now < candidate.since + standForMs) continue;
      if (isWritten(candidate, family)) continue;
      const { record, interfaces } = candidate;
      known[family] = { raw: base64(record), route: record.route, interfaces };
      write({
        kind: "last-known-good",
        family,
        raw: base64(record),
        route: { ...record.route, nexthops: [...record.route.nexthops] },
        interfaces: interfaces.map((one) => ({ ...one })),
      });
    }
  };

  return {
    look(seen, now) {
      for (const family of ipFamilies) {
        const good = goodDefault(seen, family, isOurRoute);
        const found = good !== null && isOutdone(good, known[family], seen) ? null : good;
        const before = standing[family];
        const isSame =
          found !== null &&
          before !== null &&
          base64(found.record) === base64(before.record) &&
          sameIdentities(found.interfaces, before.interfaces);
        standing[family] = found === null ? null : { ...found, since: isSame ? before.since : now };
      }
      advance(now);
    },
    advance,
    dueAt() {
      const times = ipFamilies.flatMap((family) => {
        const candidate = standing[family];
        if (candidate === null || isWritten(candidate, family)) return [];
        return [candidate.since + standForMs];
      });
      return times.length === 0 ? null : Math.min(...times);
    },
    voidIfSame(route, reason) {
      const { family } = route;
      const good = known[family];
      if (good !== null && isSameDefault(good.route, route)) voidKnown(family, reason);
    },
    forget(family) {
      voidKnown(family, "forgotten");
      // What stands now may become known good again, but has to stand anew.
      standing[family] = null;
    },
  };
}

function goodDefault(
  seen: NetworkSeen,
  family: IpFamily,
  isOurRoute: (route: DefaultRoute) => boolean,
): Omit<Standing, "since"> | null {
  const route = seen.defaults[family].effective?.route ?? null;
  if (route === null || !isPlainDefault(route) || isOurRoute(route) || route.linkdown) return null;
  const kinds = kindsOfLegs(route, seen.interfaces);
  if (kinds.some((kind) => kind === null || kind === "tunnel" || kind === "loopback")) return null;
  const interfaces = identitiesOf(route, seen.interfaces);
  const live = interfaces.every(({ index }) => {
    const found = seen.interfaces.get(index);
    return found?.up === true && found.carrier;
  });
  const record = recordOf(route, seen.records);
  return live && record !== null ? { record, interfaces } : null;
}

/** A device of software may be a VPN's, such as the cable into a container of its own, which goes when the VPN dies. */
const isMadeOfSoftware = (kind: InterfaceKind): boolean =>
  kind === "container" || kind === "virtual";

/** Whether a default is not to take the place of one over a real link that could be put back now. */
function isOutdone(
  { interfaces }: Pick<Standing, "interfaces">,
  known: KnownGood | null,
  seen: NetworkSeen,
): boolean {
  if (known === null || !interfaces.some(({ kind }) => isMadeOfSoftware(kind))) return false;
  const legs = legsOf(relocate(known.route, known.interfaces, seen.interfaces));
  return legs.every(({ gateway, interfaceIndex, onlink }) => {
    const link = seen.interfaces.get(interfaceIndex);
    if (link === undefined || isMadeOfSoftware(link.kind)) return false;
    if (!link.up || !link.carrier) return false;
    return gateway === null || onlink || isOnLink(gateway, link, known.route.family);
  });
}

function base64({ raw }: RecordedDefault): string {
  return Buffer.from(raw).toString("base64");
}

function sameIdentities(a: readonly InterfaceIdentity[], b: readonly InterfaceIdentity[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, at) => {
      const other = b[at];
      return one.index === other?.index && one.name === other.name && one.mac === other.mac;
    })
  );
}
