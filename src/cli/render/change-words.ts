import type { AdminEvent } from "../../admin-api/event-schema.ts";

export type Changes = Extract<AdminEvent, { kind: "interface-changed" }>["changes"];
type Change = Changes[number];

/** What became of an interface: `lost its carrier`, `was taken down`, `mtu 1500 → 1400`. */
export function describeChanges(changes: Changes): string {
  const of = (field: string): Change | undefined =>
    changes.find((change) => change.field === field);
  const up = of("up");
  const carrier = of("carrier");
  const words: string[] = [];
  const told = new Set<string>();
  if (up !== undefined) {
    told.add("up").add("carrier").add("operState");
    if (up.after === false) words.push("was taken down");
    else words.push(carrier?.after === true ? "came up" : "was brought up");
  } else if (carrier !== undefined) {
    told.add("carrier").add("operState");
    words.push(carrier.after === true ? "has a carrier" : "lost its carrier");
  }
  const name = of("name");
  if (name !== undefined) {
    told.add("name");
    words.push(`was renamed: ${show(name.before)} → ${show(name.after)}`);
  }
  const rest = changes.filter(({ field }) => !told.has(field)).map(describeChange);
  return [...words, ...rest].join(", ") || "changed";
}

/** What became of an address: `is ready`, `is a duplicate: another host has it`. */
export function describeFlagChange(changes: Changes): string {
  const flags = changes.find(({ field }) => field === "flags");
  const before = String(flags?.before ?? "");
  const after = String(flags?.after ?? "");
  if (after.includes("duplicate")) return "is a duplicate: another host has it";
  if (before.includes("tentative") && !after.includes("tentative")) return "is ready";
  if (after.includes("deprecated") && !before.includes("deprecated")) {
    return "is deprecated: new connections avoid it";
  }
  return changes.map(describeChange).join(", ") || "changed";
}

const fieldWords: ReadonlyMap<string, string> = new Map([["operState", "state"]]);

function describeChange({ field, before, after }: Change): string {
  return `${fieldWords.get(field) ?? field} ${show(before)} → ${show(after)}`;
}

function show(value: Change["before"]): string {
  return value === null || value === "" ? "none" : String(value);
}
