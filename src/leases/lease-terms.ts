import type { IpFamily } from "../network/address.ts";
import { ipFamilies } from "../network/address.ts";
import type { LeasableLink, Sight } from "./binding.ts";
import {
  type DefaultWish,
  describeWish,
  type Lease,
  type LeaseWish,
  sharesRoutes,
} from "./lease.ts";
import { LeaseError } from "./lease-error.ts";

/** A wish as it is asked for: families are those that the interface, or the host by its uplinks, has when they are missing. */
export type AskedWish = LeaseWish extends infer Wish
  ? Wish extends LeaseWish
    ? Omit<Wish, "families"> & { readonly families: readonly IpFamily[] | null }
    : never
  : never;

/** What one user may hold. */
export interface LeaseLimits {
  readonly ofOneUser: number;
  /** Defaults of one family, one before the other. */
  readonly stacked: number;
}

export const leaseLimits: LeaseLimits = { ofOneUser: 64, stacked: 8 };

/**
 * The wish with its families. An uplink's are told `stale` when one is asked for that it does not have: so they are
 * asked for only by who names them.
 *
 * @throws LeaseError when its interface is not there, is down, or has no address
 */
export function settleWish(
  asked: AskedWish,
  link: LeasableLink | null,
  bestUplinks: Sight["uplinks"],
): LeaseWish {
  const { via } = asked;
  if (via !== null && link === null)
    throw new LeaseError(
      "no-such-interface",
      `there is no interface "${via}"`,
      "make it first; a lease that was granted waits for it when it goes",
    );
  const own = ipFamilies.filter((family) =>
    link?.addresses.some((one) => one.family === family && one.scope !== "link"),
  );
  if (asked.kind === "uplink") {
    const there = via === null ? ipFamilies.filter((family) => bestUplinks[family] !== null) : own;
    // Nothing is there yet: whatever comes is wished.
    return { ...asked, families: asked.families ?? (there.length > 0 ? there : ipFamilies) };
  }
  if (link?.up !== true)
    throw new LeaseError(
      "interface-down",
      `${via} is down`,
      `set it up first: ip link set ${via} up`,
    );
  const families = asked.families ?? (own.length > 0 ? own : gatewayFamilies(asked.gateways));
  if (families.length === 0)
    throw new LeaseError(
      "not-ready",
      `${via} has no address`,
      "give it one first, or name the families of the default",
    );
  return { ...asked, families };
}

/**
 * @throws LeaseError when another lease stands where this one would, and it does not ask to stand before it
 */
export function checkConflicts(
  wish: LeaseWish,
  leases: readonly Lease[],
  { stacked }: LeaseLimits,
): void {
  if (wish.kind === "uplink") return;
  for (const family of wish.families) {
    const others = leases.flatMap((lease) => {
      const isOther =
        lease.wish.kind === "default" &&
        lease.wish.families.includes(family) &&
        !sharesRoutes(lease.wish, wish);
      return isOther ? [lease] : [];
    });
    const top = others.at(-1);
    if (top !== undefined && !wish.stack)
      throw new LeaseError(
        "conflict",
        `the ${family} default is leased already: ${describeHolder(top)}`,
        "end that one first, or ask to be stacked before it",
      );
    if (new Set(others.map(({ group }) => group)).size >= stacked)
      throw new LeaseError(
        "too-many",
        `${stacked} leases of the ${family} default stand one before the other already`,
        "end one of them first",
      );
  }
}

/** @throws LeaseError when the user has as many as one may have */
export function checkNumber(
  uid: number,
  leases: readonly Lease[],
  { ofOneUser }: LeaseLimits,
): void {
  if (leases.filter(({ owner }) => owner.uid === uid).length < ofOneUser) return;
  throw new LeaseError(
    "too-many",
    `user ${uid} holds ${ofOneUser} leases already`,
    "end some of them first: `netwatch status` lists them",
  );
}

/** The group of the leases that share the routes of a wish; null when there is none yet. */
export function groupOf(wish: LeaseWish, leases: readonly Lease[]): string | null {
  if (wish.kind === "uplink") return null;
  const isShared = ({ wish: other }: Lease): boolean =>
    other.kind === "default" && sharesRoutes(other, wish satisfies DefaultWish);
  return leases.find(isShared)?.group ?? null;
}

/** `openvpn (pid 4242) has default via tun0 (ipv4; split)`. */
function describeHolder({ owner: { command, pid }, wish }: Lease): string {
  return `${command ?? "somebody"} (pid ${pid}) has ${describeWish(wish)}`;
}

function gatewayFamilies(gateways: readonly string[]): readonly IpFamily[] {
  return ipFamilies.filter((family) =>
    gateways.some((one) => one.includes(":") === (family === "ipv6")),
  );
}
