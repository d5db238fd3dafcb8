import type { NetworkInterface } from "../network/interface.ts";
import { diffAddresses } from "./diff-addresses.ts";
import type { DiffContext } from "./diff-context.ts";
import type { Cause, FieldChange, MonitorEvent, Severity } from "./event.ts";
import type { HostState, TrackedInterface } from "./host-state.ts";
import { interfaceSeverity, uplinksOf } from "./severity.ts";

const comparedFields = ["name", "kind", "mac", "mtu", "up", "carrier", "operState"] as const;

/** The differences of interfaces and their addresses. */
export function diffInterfaces(
  before: HostState,
  after: HostState,
  context: DiffContext,
): readonly MonitorEvent[] {
  const uplinks = new Set([...uplinksOf(before), ...uplinksOf(after)]);
  const said = (subject: TrackedInterface): { severity: Severity; cause: Cause } => ({
    severity: interfaceSeverity(subject, uplinks, context.isChurn),
    cause: context.causeOf({ kind: "interface", index: subject.index }),
  });
  const gone: MonitorEvent[] = [];
  const changed: MonitorEvent[] = [];
  const come: MonitorEvent[] = [];

  for (const index of context.changed) {
    const was = before.interfaces.get(index);
    const is = after.interfaces.get(index);
    const replaced = context.replaced.has(index);
    if (was !== undefined && (is === undefined || replaced)) {
      gone.push(...diffAddresses(was, was.addresses, [], said(was)));
      gone.push(comeOrGone("interface-removed", was, said(was)));
    }
    if (is !== undefined && (was === undefined || replaced)) {
      come.push(comeOrGone("interface-added", is, said(is)));
      come.push(...diffAddresses(is, [], is.addresses, said(is)));
    }
    if (was !== undefined && is !== undefined && !replaced) {
      const changes = changedFields(was, is, comparedFields);
      if (changes.length > 0)
        changed.push({ kind: "interface-changed", ...said(is), ...subjectOf(is), changes });
      changed.push(...diffAddresses(is, was.addresses, is.addresses, said(is)));
    }
  }
  return [...gone, ...changed, ...come];
}

function comeOrGone(
  kind: "interface-added" | "interface-removed",
  subject: TrackedInterface,
  said: { severity: Severity; cause: Cause },
): MonitorEvent {
  const { up, carrier } = subject;
  return { kind, ...said, ...subjectOf(subject), interfaceKind: subject.kind, up, carrier };
}

function subjectOf({ name, index, generation }: TrackedInterface): {
  readonly interface: string;
  readonly index: number;
  readonly generation: number;
} {
  return { interface: name, index, generation };
}

function changedFields(
  was: NetworkInterface,
  is: NetworkInterface,
  fields: typeof comparedFields,
): readonly FieldChange[] {
  return fields
    .filter((field) => was[field] !== is[field])
    .map((field) => ({ field, before: was[field], after: is[field] }));
}
