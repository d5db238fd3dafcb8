import type { IpFamily } from "../network/address.ts";
import type { NetworkInterface } from "../network/interface.ts";
import { emptyNetworkState, type NetworkState } from "../network/state.ts";
import type { NetworkChange } from "./apply-reading.ts";
import { viewDefaults } from "./effective-default.ts";
import { createGenerations } from "./generation.ts";
import type { DefaultsView, HostState, TrackedInterface } from "./host-state.ts";
import type { InterfacePolicy } from "./interface-policy.ts";

/** A state that was read, and what follows from it. */
export interface HostAdvance {
  readonly network: NetworkState;
  readonly before: HostState;
  readonly after: HostState;
  /** Indexes of interfaces that may differ; all others are the same objects. */
  readonly changed: ReadonlySet<number>;
  /** Indexes under which another device stands than before. */
  readonly replaced: ReadonlySet<number>;
}

/** The last state that was read, with generations, kinds and effective defaults. */
export interface HostModel {
  network(): NetworkState;
  state(): HostState;
  policy(): InterfacePolicy;
  /** Takes another policy; it shows with the next advance. */
  setPolicy(policy: InterfacePolicy): void;
  /** What a new reading makes of the state, which stays as it is. Each advance is committed before the next. */
  advance(change: NetworkChange, now: number): HostAdvance;
  commit(advance: HostAdvance): void;
}

const emptyView: DefaultsView = { effective: null, candidates: [] };

export function createHostModel(firstPolicy: InterfacePolicy): HostModel {
  const generations = createGenerations();
  let policy = firstPolicy;
  let policyChanged = false;
  let network = emptyNetworkState;
  let state: HostState = {
    interfaces: new Map(),
    defaults: { ipv4: emptyView, ipv6: emptyView },
  };

  const track = (
    next: ReadonlyMap<number, NetworkInterface>,
    changed: ReadonlySet<number>,
  ): HostState["interfaces"] => {
    if (changed.size === 0) return state.interfaces;
    const tracked = new Map<number, TrackedInterface>(state.interfaces);
    for (const index of changed) {
      const found = next.get(index);
      if (found === undefined) tracked.delete(index);
      else
        tracked.set(index, {
          ...found,
          kind: policy.kindOf(found),
          generation: generations.of(index),
        });
    }
    return tracked;
  };

  const view = (next: NetworkState, family: IpFamily, now: number): DefaultsView => {
    const { routes } = next.defaults[family];
    const same =
      next.defaults[family] === network.defaults[family] &&
      next.interfaces === network.interfaces &&
      routes.every((route) => route.expiresAt === null);
    if (same) return state.defaults[family];
    return viewDefaults(next.defaults[family], next.interfaces, now);
  };

  return {
    network: () => network,
    state: () => state,
    policy: () => policy,
    setPolicy(next) {
      policy = next;
      policyChanged = true;
    },
    advance(change, now) {
      const next = change.network;
      const replaced = generations.update(next.interfaces, change.changed);
      const changed = policyChanged
        ? new Set([...change.changed, ...next.interfaces.keys()])
        : change.changed;
      const interfaces = track(next.interfaces, changed);
      const defaults = { ipv4: view(next, "ipv4", now), ipv6: view(next, "ipv6", now) };
      const unchanged =
        interfaces === state.interfaces &&
        defaults.ipv4 === state.defaults.ipv4 &&
        defaults.ipv6 === state.defaults.ipv6;
      const after = unchanged ? state : { interfaces, defaults };
      return { network: next, before: state, after, changed, replaced };
    },
    commit(advance) {
      network = advance.network;
      state = advance.after;
      policyChanged = false;
    },
  };
}
