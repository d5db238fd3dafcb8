import type { Binding } from "./binding.ts";

/** What became of one binding. */
export interface BindingChange {
  readonly kind: "moved" | "stale" | "lost" | "outranked" | "shadowed" | "covered";
  readonly binding: Binding;
  /** For a person. */
  readonly reason: string;
}

/** What differs between the bindings of one lease, in a way that its holder must know. */
export function changesOf(
  before: readonly Binding[],
  after: readonly Binding[],
): readonly BindingChange[] {
  return after.flatMap((binding): readonly BindingChange[] => {
    const old = before.find(({ family }) => family === binding.family);
    if (old === undefined) return [];
    const reason = binding.reason ?? describeMove(old, binding);
    if (binding.state !== old.state) return [{ kind: kindOf(binding.state), binding, reason }];
    const moved = keys.some((key) => binding[key] !== old[key]);
    return moved && binding.state === "ready" ? [{ kind: "moved", binding, reason }] : [];
  });
}

const keys = ["interface", "index", "generation", "gateway", "source", "table"] as const;

function kindOf(state: Binding["state"]): BindingChange["kind"] {
  switch (state) {
    case "ready":
      return "moved";
    case "blocked":
      return "lost";
    case "stale":
    case "lost":
    case "outranked":
    case "shadowed":
    case "covered":
      return state;
    default:
      return state satisfies never;
  }
}

function describeMove(old: Binding, now: Binding): string {
  if (old.interface !== now.interface) return `it leads over ${now.interface} now`;
  if (old.generation !== now.generation || old.index !== now.index)
    return `${now.interface} is another device than before`;
  if (old.state === "covered") return "the newer lease has ended";
  if (old.state === "outranked" || old.state === "shadowed")
    return `packets leave by ${now.interface} again`;
  if (old.state !== "ready") return `${now.interface} has a way again`;
  return old.gateway === now.gateway
    ? `${now.interface} has another source address or table`
    : `${now.interface} has the gateway ${now.gateway ?? "no more"} now`;
}
