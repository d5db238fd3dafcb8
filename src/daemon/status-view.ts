import type { Address, Interface, Status } from "../admin-api/status-schema.ts";
import type { HostState, TrackedInterface } from "../monitor/host-state.ts";
import type { MonitorCounters, MonitorHealth } from "../monitor/monitor.ts";
import type { InterfaceAddress } from "../network/interface.ts";
import type { SourceCounters } from "../platform/platform.ts";
import { isoTime, viewDefaults } from "./default-view.ts";

/** What a status is made of. */
export interface StatusParts {
  readonly daemon: Pick<Status["daemon"], "version" | "pid" | "startedAt" | "mode">;
  readonly state: HostState;
  readonly source: SourceCounters;
  readonly monitor: Pick<
    MonitorCounters,
    "hints" | "rereads" | "reconciles" | "drift" | "events" | "reopened"
  >;
  readonly health: Pick<MonitorHealth, "sourceAlive" | "reasons">;
  readonly routes: Pick<Status, "scoped" | "displaced" | "ownProtocol">;
  readonly leases: Status["leases"];
}

/** The whole state as the admin API shows it. */
export function viewStatus(parts: StatusParts): Status {
  const { daemon, state, source, monitor, health, routes, leases } = parts;
  const interfaces = [...state.interfaces.values()].toSorted((a, b) => a.index - b.index);
  const names = new Map(interfaces.map(({ index, name }) => [index, name]));
  return {
    daemon: {
      ...daemon,
      health: health.reasons.length === 0 ? "ok" : "degraded",
      reasons: [...health.reasons],
    },
    interfaces: interfaces.map(viewInterface),
    defaults: {
      ipv4: viewDefaults(state.defaults.ipv4, names),
      ipv6: viewDefaults(state.defaults.ipv6, names),
    },
    ...routes,
    leases: [...leases],
    source: {
      kind: source.kind,
      alive: health.sourceAlive,
      lastMessageAt: isoTime(source.lastMessageAt),
      receiveBufferBytes: source.receiveBufferBytes,
      overflows: source.overflows,
      reopened: monitor.reopened,
      undecodable: source.undecodable,
      foreign: source.foreign,
    },
    counters: {
      messages: source.messages,
      filtered: source.filtered,
      hints: monitor.hints,
      rereads: monitor.rereads,
      reconciles: monitor.reconciles,
      drift: monitor.drift,
      events: monitor.events,
    },
  };
}

function viewInterface(subject: TrackedInterface): Interface {
  return {
    name: subject.name,
    index: subject.index,
    generation: subject.generation,
    kind: subject.kind,
    up: subject.up,
    carrier: subject.carrier,
    operState: subject.operState,
    mtu: subject.mtu,
    mac: subject.mac,
    addresses: subject.addresses.map(viewAddress),
  };
}

function viewAddress(address: InterfaceAddress): Address {
  return {
    address: address.address,
    prefixLength: address.prefixLength,
    family: address.family,
    scope: address.scope,
    flags: [...address.flags],
    peer: address.peer,
    validUntil: isoTime(address.validUntil),
    preferredUntil: isoTime(address.preferredUntil),
  };
}
