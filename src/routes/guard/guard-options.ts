import type { DefaultRoute } from "../../network/route.ts";
import type { Requester } from "../../platform/route-evidence.ts";

/** What to do about a lost default. */
export type GuardPolicy = "off" | "warn" | "restore";

export interface GuardOptions {
  /** How long a default may be gone before anything is said or done, in ms. */
  readonly graceMs: number;
  /** Asked at each decision, because the configuration can be read anew. */
  readonly policy: () => GuardPolicy;
  /** A request of netwatch itself. */
  readonly isOurRequester: (requester: Requester) => boolean;
  /** A route that netwatch made for itself. */
  readonly isOurRoute: (route: DefaultRoute) => boolean;
}
