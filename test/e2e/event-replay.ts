import type { AdminEvent, EventLine } from "../../src/admin-api/event-schema.ts";
import type { Candidate, Default, Defaults } from "../../src/admin-api/route-schema.ts";
import type { Address, Interface, Status } from "../../src/admin-api/status-schema.ts";

/** What a subscriber knows who read the status once and then only listened. */
export interface ReplayedState {
  readonly interfaces: Map<number, Interface>;
  readonly defaults: { ipv4: ReplayedDefaults; ipv6: ReplayedDefaults };
}

interface ReplayedDefaults {
  effective: Default | null;
  candidates: Default[];
}

export function replayFrom(status: Status): ReplayedState {
  return {
    interfaces: new Map(status.interfaces.map((item) => [item.index, item])),
    defaults: {
      ipv4: replayedDefaults(status.defaults.ipv4),
      ipv6: replayedDefaults(status.defaults.ipv6),
    },
  };
}

/**
 * Applies one event, and throws when it tells what is known already, or does not join on to it: so a
 * sequence that passes reports each change exactly once.
 */
export function replay(state: ReplayedState, event: EventLine): void {
  const fail = (why: string): never => {
    throw new Error(`${why}: ${JSON.stringify(event)}`);
  };
  switch (event.kind) {
    case "interface-added":
      if (state.interfaces.has(event.index)) fail("added twice");
      state.interfaces.set(event.index, newInterface(event));
      return;
    case "interface-removed":
      if (!state.interfaces.delete(event.index)) fail("removed twice");
      return;
    case "interface-changed": {
      const before = state.interfaces.get(event.index) ?? fail("changed while absent");
      const { generation } = event;
      const after = { ...changed(before, event.changes, fail), generation };
      state.interfaces.set(event.index, after);
      // A route belongs to a device, not to its name: a rename is told once, and routes follow it.
      if (after.name !== before.name) renameRoutes(state, before.name, after.name);
      return;
    }
    case "address-added":
    case "address-removed":
    case "address-changed": {
      const on = state.interfaces.get(event.index) ?? fail("address of no interface");
      state.interfaces.set(event.index, { ...on, addresses: addresses(on, event, fail) });
      return;
    }
    case "default-changed": {
      const known = state.defaults[event.family];
      if (key(known.effective) !== key(event.before)) fail(`before is not ${key(known.effective)}`);
      const same = key(event.before) === key(event.after);
      if (same && event.added.length + event.removed.length === 0) fail("nothing changed");
      for (const gone of event.removed) {
        const at = known.candidates.findIndex((candidate) => key(candidate) === key(gone));
        if (at === -1) fail("removed a candidate twice");
        known.candidates.splice(at, 1);
      }
      for (const come of event.added) {
        if (known.candidates.some((candidate) => key(candidate) === key(come))) fail("added twice");
        known.candidates.push(come);
      }
      known.effective = event.after;
      return;
    }
    case "scoped-installed":
    case "scoped-removed":
    case "scoped-stale":
    case "scoped-repaired":
    case "fight":
    case "default-lost":
    case "default-restored":
    case "displaced":
    case "lease-granted":
    case "lease-released":
    case "lease-changed":
    case "binding-moved":
    case "binding-stale":
    case "wake":
    case "overflow":
    case "drift":
    case "lagged":
      return;
    default:
      event satisfies never;
  }
}

/** The state in a form in which two of them can be compared. */
export function comparable(state: ReplayedState): unknown {
  const defaults = ({ effective, candidates }: ReplayedDefaults): unknown => ({
    effective: key(effective),
    candidates: candidates.map(key).sort(),
  });
  return {
    interfaces: [...state.interfaces.values()]
      .sort((a, b) => a.index - b.index)
      .map(({ name, index, generation, kind, up, carrier, addresses }) => ({
        ...{ name, index, generation, kind, up, carrier },
        addresses: addresses.map(addressKey).sort(),
      })),
    ipv4: defaults(state.defaults.ipv4),
    ipv6: defaults(state.defaults.ipv6),
  };
}

function replayedDefaults(defaults: Defaults): ReplayedDefaults {
  return {
    effective: defaults.effective,
    candidates: defaults.candidates.map(({ lostBecause: _, ...rest }: Candidate) => rest),
  };
}

function renameRoutes({ defaults }: ReplayedState, from: string, to: string): void {
  const renamed = (route: Default): Default => ({
    ...route,
    interface: route.interface === from ? to : route.interface,
    nexthops: route.nexthops.map((leg) =>
      leg.interface === from ? { ...leg, interface: to } : leg,
    ),
  });
  for (const family of [defaults.ipv4, defaults.ipv6]) {
    family.effective = family.effective && renamed(family.effective);
    family.candidates = family.candidates.map(renamed);
  }
}

/** A default without its lifetime, which slides without an event, and without how it was chosen. */
function key(route: Default | null): string {
  if (route === null) return "none";
  const { expiresAt: _, via: __, ...rest } = route;
  return JSON.stringify(rest, Object.keys(rest).sort().concat("gateway", "interface", "weight"));
}

function addressKey(address: Pick<Address, "address" | "prefixLength" | "peer" | "flags">): string {
  return `${address.address}/${address.prefixLength} ${address.peer ?? ""} ${[...address.flags].sort().join()}`;
}

function newInterface(event: AdminEvent & { kind: "interface-added" }): Interface {
  const { interface: name, index, generation, interfaceKind: kind, up, carrier } = event;
  return {
    name,
    index,
    generation,
    kind,
    up,
    carrier,
    operState: "",
    mtu: 0,
    mac: null,
    addresses: [],
  };
}

type Fail = (why: string) => never;

function changed(
  before: Interface,
  changes: (AdminEvent & { kind: "interface-changed" })["changes"],
  fail: Fail,
): Interface {
  if (changes.length === 0) fail("nothing changed");
  const after: Record<string, unknown> = { ...before };
  for (const change of changes) {
    const { field } = change;
    if (change.before === change.after) fail(`${field} did not change`);
    const told = field === "up" || field === "carrier" || field === "name";
    if (told && after[field] !== change.before) fail(`${field} was ${String(after[field])}`);
    after[field] = change.after;
  }
  return after as unknown as Interface;
}

function addresses(
  on: Interface,
  event: AdminEvent & { kind: "address-added" | "address-removed" | "address-changed" },
  fail: Fail,
): Address[] {
  const { address, prefixLength, family, scope, flags, peer } = event;
  const is = (other: Address): boolean =>
    other.address === address && other.prefixLength === prefixLength && other.peer === peer;
  const known = on.addresses.find(is);
  if ((known === undefined) !== (event.kind === "address-added")) fail("does not join on");
  if (
    event.kind === "address-changed" &&
    known !== undefined &&
    addressKey(known) === addressKey(event)
  )
    fail("nothing changed");
  const others = on.addresses.filter((other) => !is(other));
  if (event.kind === "address-removed") return others;
  const rest = { validUntil: null, preferredUntil: null };
  return [...others, { address, prefixLength, family, scope, flags, peer, ...rest }];
}
