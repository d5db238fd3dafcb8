import type { StaleBecause } from "./stale-binding-error.ts";

/** What a binding is to do when nothing can leave by its interface. */
export type StalePolicy = "fail" | "wait" | "rebind" | "fallback";

/** What becomes of a socket that is open when its binding goes stale. */
export type SocketFate = "end" | "keep" | "unbind";

/** What a socket can do besides ending: take another interface, and do without one. */
export interface SocketAbilities {
  readonly canFollow: boolean;
  readonly canFallBack: boolean;
}

/** Whether the device itself is lost: one that returns is another, even under the same name. */
function isDeviceLost(because: StaleBecause): boolean {
  return because === "gone" || because === "moved";
}

/** The policy for a socket that is open; a connection cannot leave the interface that it was made by. */
export function fateOf(
  policy: StalePolicy,
  because: StaleBecause,
  { canFollow, canFallBack }: SocketAbilities,
): SocketFate {
  switch (policy) {
    case "fail":
      return "end";
    case "wait":
      return isDeviceLost(because) ? "end" : "keep";
    case "rebind":
      return isDeviceLost(because) && !canFollow ? "end" : "keep";
    case "fallback":
      return canFallBack ? "unbind" : "end";
    default:
      return policy satisfies never;
  }
}
