import { ipFamilies } from "../network/address.ts";
import type { DiffContext } from "./diff-context.ts";
import { diffDefaults } from "./diff-defaults.ts";
import { diffInterfaces } from "./diff-interfaces.ts";
import type { MonitorEvent } from "./event.ts";
import type { HostState } from "./host-state.ts";

/**
 * Every difference between two states, each in exactly one event: interfaces that went (their addresses
 * first), that changed, that came (their addresses after), then the defaults. Lifetimes are not compared.
 */
export function diffHosts(
  before: HostState,
  after: HostState,
  context: DiffContext,
): readonly MonitorEvent[] {
  const events: MonitorEvent[] = [];
  if (context.changed.size > 0) events.push(...diffInterfaces(before, after, context));
  for (const family of ipFamilies) {
    const event = diffDefaults(before, after, family, context);
    if (event !== null) events.push(event);
  }
  return events;
}
