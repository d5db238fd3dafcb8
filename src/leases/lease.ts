import type { IpFamily } from "../network/address.ts";

/** Who holds a lease, by the kernel's word; the command as far as it could be learned. */
export interface LeaseOwner {
  readonly pid: number;
  readonly uid: number;
  readonly command: string | null;
}

/** Sockets that are bound to an interface shall reach the internet by it. */
export interface UplinkWish {
  readonly kind: "uplink";
  /** Null follows the host's best uplink. */
  readonly via: string | null;
  readonly families: readonly IpFamily[];
}

/** Unbound packets shall leave by an interface. */
export interface DefaultWish {
  readonly kind: "default";
  readonly via: string;
  readonly families: readonly IpFamily[];
  readonly mode: "metric" | "split" | "displace";
  /** At most one of each family. */
  readonly gateways: readonly string[];
  readonly onLost: "restore" | "block";
  readonly endpoints: readonly string[];
  /** Stand before another lease's default. */
  readonly stack: boolean;
}

export type LeaseWish = UplinkWish | DefaultWish;

/** A wish that lives as long as a connection, and at most `ttlMs` longer. */
export interface Lease {
  readonly id: string;
  readonly wish: LeaseWish;
  /** What its routes are known by: leases of one wish share them, as long as one is left. */
  readonly group: string;
  readonly owner: LeaseOwner;
  /** In ms since the epoch. */
  readonly since: number;
  readonly ttlMs: number;
}

/** Whether two wishes ask for the same routes: they differ at most in what they add to them. */
export function sharesRoutes(a: DefaultWish, b: DefaultWish): boolean {
  return (
    a.via === b.via &&
    a.mode === b.mode &&
    isSameSet(a.families, b.families) &&
    isSameSet(a.gateways, b.gateways)
  );
}

/** Whether one can take the other's place without any change. */
export function isSameWish(a: LeaseWish, b: LeaseWish): boolean {
  if (a.kind === "uplink" || b.kind === "uplink")
    return a.kind === b.kind && a.via === b.via && isSameSet(a.families, b.families);
  return sharesRoutes(a, b) && a.onLost === b.onLost && isSameSet(a.endpoints, b.endpoints);
}

/** A wish for a person: `default via tun0 (ipv4, ipv6; split)`. */
export function describeWish(wish: LeaseWish): string {
  const families = wish.families.join(", ");
  if (wish.kind === "uplink") return `uplink ${wish.via ?? "(the best)"} (${families})`;
  const { via, mode, onLost, endpoints } = wish;
  const block = onLost === "block" ? "; block when lost" : "";
  const servers = endpoints.length === 0 ? "" : `; server ${endpoints.join(", ")}`;
  return `default via ${via} (${families}; ${mode}${block}${servers})`;
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one));
}
