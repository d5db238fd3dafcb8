import type { Binding } from "./binding.ts";
import { describeWish, type Lease } from "./lease.ts";
import { LeaseError } from "./lease-error.ts";

/** Why what stands now is no success; null when it is one. */
export function refusalOf({ wish }: Lease, bindings: readonly Binding[]): LeaseError | null {
  if (wish.kind === "uplink" && bindings.some(({ state }) => state === "ready")) return null;
  const bad = bindings.find(({ state }) => state !== "ready");
  if (bad === undefined) return null;
  const what = `${describeWish(wish)} in ${bad.family}`;
  const message = `cannot give ${what}: ${bad.reason ?? bad.state}`;
  if (bad.state === "shadowed")
    return new LeaseError(
      "shadowed",
      message,
      "end the program whose rule that is, or have it give way",
    );
  if (bad.state === "outranked")
    return new LeaseError("outranked", message, "ask for a split, or to displace the others");
  if (wish.kind === "uplink")
    return new LeaseError(
      "not-ready",
      message,
      "see `netwatch status`, and ask again when that is mended",
    );
  const isConflict = bad.reason?.startsWith("conflict") === true;
  return new LeaseError(isConflict ? "conflict" : "refused", message, "see `netwatch routes`");
}
