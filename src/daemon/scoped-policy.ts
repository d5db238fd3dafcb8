import { matchesGlob } from "../monitor/glob.ts";
import type { RouteTraits } from "../platform/route-control.ts";
import type { ScopedPolicy } from "../routes/scoped-wishes.ts";
import type { Config } from "./config.ts";

/** Which interfaces shall have scoped defaults, as the configuration says it and the system can do it. */
export function scopedPolicy(
  { scoped, families, replies: asked }: Config["routes"],
  traits: Pick<RouteTraits, "scoped">,
): ScopedPolicy {
  const replies = asked && traits.scoped === "rules";
  const isNamed = (name: string): boolean =>
    scoped !== "auto" && scoped.some((glob) => matchesGlob(glob, name));
  return { scoped: scoped === "auto" ? "auto" : isNamed, families, replies, byHand: new Map() };
}
