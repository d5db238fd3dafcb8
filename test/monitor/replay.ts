import type { EventDefault, MonitorEvent } from "../../src/monitor/event.ts";
import type { HostState } from "../../src/monitor/host-state.ts";
import { type IpFamily, ipFamilies } from "../../src/network/address.ts";
import type { InterfaceAddress } from "../../src/network/interface.ts";
import type { DefaultRoute } from "../../src/network/route.ts";

/** What a subscriber knows who hears only events: everything that they tell, in comparable form. */
export interface Heard {
  readonly interfaces: Map<number, Record<string, unknown>>;
  /** `index address/length`, with the flags. */
  readonly addresses: Map<string, string>;
  readonly candidates: Record<IpFamily, string[]>;
  readonly effective: Record<IpFamily, string | null>;
}

/** What such a subscriber should know of a state. */
export function summarize(state: HostState): Heard {
  const heard: Heard = {
    interfaces: new Map(),
    addresses: new Map(),
    candidates: { ipv4: [], ipv6: [] },
    effective: { ipv4: null, ipv6: null },
  };
  for (const {
    index,
    name,
    generation,
    kind,
    up,
    carrier,
    addresses,
  } of state.interfaces.values()) {
    heard.interfaces.set(index, { name, generation, kind, up, carrier });
    for (const address of addresses)
      heard.addresses.set(keyOf(index, address), [...address.flags].sort().join(" "));
  }
  for (const family of ipFamilies) {
    const { effective, candidates } = state.defaults[family];
    heard.candidates[family] = candidates.map(({ route }) => textOf(route)).sort();
    if (effective !== null) heard.effective[family] = `${effective.via} ${textOf(effective.route)}`;
  }
  return heard;
}

/** Tells the events to the subscriber. Throws where an event contradicts what it knows. */
export function replay(heard: Heard, events: readonly MonitorEvent[]): void {
  for (const event of events) tell(heard, event);
}

function tell(heard: Heard, event: MonitorEvent): void {
  switch (event.kind) {
    case "interface-added":
      mustBe(!heard.interfaces.has(event.index), event);
      heard.interfaces.set(event.index, {
        name: event.interface,
        generation: event.generation,
        kind: event.interfaceKind,
        up: event.up,
        carrier: event.carrier,
      });
      return;
    case "interface-removed":
      mustBe(heard.interfaces.get(event.index)?.generation === event.generation, event);
      heard.interfaces.delete(event.index);
      return;
    case "interface-changed": {
      const known = heard.interfaces.get(event.index);
      mustBe(known !== undefined && event.changes.length > 0, event);
      for (const { field, before, after } of event.changes) {
        if (known === undefined || !(field in known)) continue;
        mustBe(known[field] === before && before !== after, event);
        known[field] = after;
      }
      if (known !== undefined) known.generation = event.generation;
      return;
    }
    case "address-added":
      mustBe(!heard.addresses.has(keyOf(event.index, event.address)), event);
      heard.addresses.set(keyOf(event.index, event.address), flagsOf(event.address));
      return;
    case "address-removed":
      mustBe(heard.addresses.delete(keyOf(event.index, event.address)), event);
      return;
    case "address-changed":
      mustBe(heard.addresses.has(keyOf(event.index, event.address)), event);
      heard.addresses.set(keyOf(event.index, event.address), flagsOf(event.address));
      return;
    case "default-changed": {
      const { family, before, after, added, removed } = event;
      mustBe(heard.effective[family] === effectiveText(before), event);
      heard.effective[family] = effectiveText(after);
      const left = heard.candidates[family];
      for (const { route } of removed) {
        const at = left.indexOf(textOf(route));
        mustBe(at >= 0, event);
        left.splice(at, 1);
      }
      left.push(...added.map(({ route }) => textOf(route)));
      left.sort();
      return;
    }
    case "wake":
    case "overflow":
    case "drift":
      return;
    default:
      event satisfies never;
  }
}

function mustBe(holds: boolean, event: MonitorEvent): void {
  if (!holds) throw new Error(`contradicts what was told before: ${JSON.stringify(event)}`);
}

function keyOf(index: number, { address, prefixLength }: InterfaceAddress): string {
  return `${index} ${address}/${prefixLength}`;
}

function flagsOf({ flags }: InterfaceAddress): string {
  return [...flags].sort().join(" ");
}

function effectiveText(value: EventDefault | null): string | null {
  return value === null ? null : `${value.via} ${textOf(value.route)}`;
}

function textOf({ expiresAt: _end, position: _place, ...route }: DefaultRoute): string {
  return JSON.stringify(route);
}
