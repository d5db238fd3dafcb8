import { ipFamilies } from "../network/address.ts";
import type { ChangedDoor } from "./changed-door.ts";
import { diffDefaults } from "./diff-defaults.ts";
import { diffInterfaces } from "./diff-interfaces.ts";
import type { Cause, MonitorEvent } from "./event.ts";
import type { HostState } from "./host-state.ts";

/** What a comparison must know besides the two states. */
export interface DiffContext {
  /** Indexes of interfaces that may differ. */
  readonly changed: ReadonlySet<number>;
  /** Indexes under which another device stands than before. */
  readonly replaced: ReadonlySet<number>;
  readonly isChurn: (name: string) => boolean;
  readonly causeOf: (door: ChangedDoor) => Cause;
}

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
