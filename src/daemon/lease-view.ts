import type { LeaseBinding, LeaseLine, Lease as ShownLease } from "../admin-api/lease-schema.ts";
import type { Binding } from "../leases/binding.ts";
import { describeWish } from "../leases/lease.ts";
import type { HeldLease, HolderNews, LeaseNews, LeaseView } from "../leases/lease-holding.ts";
import { isoTime } from "./default-view.ts";
import type { RouteNews } from "./route-news.ts";

/** A lease as the admin API shows it. */
export function viewLease({ lease, bindings, connected, endsAt }: LeaseView): ShownLease {
  const { id, wish, owner, since, ttlMs } = lease;
  return {
    id,
    kind: wish.kind,
    owner: { ...owner },
    wish: describeWish(wish),
    since: new Date(since).toISOString(),
    ttlMs,
    connected,
    endsAt: isoTime(endsAt),
    bindings: bindings.map(viewBinding),
  };
}

/** The first line of a lease's stream. */
export function grantedLine({ lease, reclaimed, bindings }: HeldLease, now: number): LeaseLine {
  const { id, ttlMs } = lease;
  const time = new Date(now).toISOString();
  return { kind: "granted", time, id, bindings: bindings().map(viewBinding), ttlMs, reclaimed };
}

/** A later line. */
export function newsLine(id: string, news: HolderNews, now: number): LeaseLine {
  const time = new Date(now).toISOString();
  const bindings = news.bindings.map(viewBinding);
  if (news.kind === "released") {
    const { kind, because } = news;
    return { kind, time, id, bindings, because, reason: releaseReasons[because] };
  }
  const { kind, binding, reason } = news.change;
  return { kind, time, id, bindings, family: binding.family, reason };
}

/** What happened to a lease, for everybody; null for what concerns its holder only. */
export function newsOfLease(news: LeaseNews): RouteNews | null {
  const { id, owner, wish } = news.lease;
  const base = {
    severity: "effective",
    cause: "request",
    lease: id,
    by: owner.command,
    pid: owner.pid,
    wish: describeWish(wish),
  } as const;
  switch (news.kind) {
    case "granted":
      return { ...base, kind: "lease-granted", reclaimed: news.reclaimed };
    case "left":
      return null;
    case "released":
      return { ...base, kind: "lease-released", because: news.because };
    case "changed": {
      const { kind, binding, reason } = news.change;
      const { family, interface: name, index, generation, gateway, state } = binding;
      const bound = { family, interface: name, index, generation, gateway, reason };
      const changed = { ...base, cause: "message", ...bound } as const;
      if (kind === "moved") return { ...changed, kind: "binding-moved" };
      return kind === "stale"
        ? { ...changed, kind: "binding-stale" }
        : { ...changed, kind: "lease-changed", state };
    }
    default:
      return news satisfies never;
  }
}

const releaseReasons: Readonly<Record<"claimed" | "stopping", string>> = {
  claimed: "another connection of this user has taken it over",
  stopping: "netwatchd ends, and undoes what its leases made",
};

function viewBinding(binding: Binding): LeaseBinding {
  return { ...binding, mark: null };
}
