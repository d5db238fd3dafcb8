import type { IpFamily } from "../network/address.ts";
import type { LeasedDefault, LeasedWishes } from "../routes/leased/leased-default.ts";
import type { DefaultWish, Lease } from "./lease.ts";

/** What leases wish of routes, taken together: leases that share routes are one, and what they add to them adds up. */
export function wishesOf(
  leases: readonly Lease[],
  /** Groups of which a lease was granted. */
  granted: ReadonlySet<string>,
): LeasedWishes {
  const uplinks = new Map<string, Set<IpFamily>>();
  const bestUplinks = new Set<IpFamily>();
  const groups = new Map<string, LeaseOfDefault[]>();
  for (const lease of leases) {
    const { wish, group } = lease;
    if (wish.kind === "default") {
      groups.set(group, [...(groups.get(group) ?? []), { ...lease, wish }]);
    } else if (wish.via === null) {
      for (const family of wish.families) bestUplinks.add(family);
    } else {
      const families = uplinks.get(wish.via) ?? new Set();
      for (const family of wish.families) families.add(family);
      uplinks.set(wish.via, families);
    }
  }
  return {
    uplinks,
    bestUplinks,
    defaults: [...groups].flatMap(([group, members]) => defaultsOf(members, granted.has(group))),
  };
}

type LeaseOfDefault = Omit<Lease, "wish"> & { readonly wish: DefaultWish };

function defaultsOf(
  members: readonly LeaseOfDefault[],
  granted: boolean,
): readonly LeasedDefault[] {
  const [first] = members;
  if (first === undefined) return [];
  const { wish, group, owner } = first;
  const blocks = members.some((one) => one.wish.onLost === "block");
  const endpoints = [...new Set(members.flatMap((one) => one.wish.endpoints))];
  const { pid, uid, command } = owner;
  return wish.families.map((family) => ({
    lease: group,
    family,
    interfaceName: wish.via,
    gateway: wish.gateways.find((one) => familyOf(one) === family) ?? null,
    mode: wish.mode,
    onLost: blocks ? "block" : "restore",
    endpoints: endpoints.filter((one) => familyOf(one) === family),
    granted,
    by: { command, pid, uid },
  }));
}

function familyOf(address: string): IpFamily {
  return address.includes(":") ? "ipv6" : "ipv4";
}
