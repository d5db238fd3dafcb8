import { PlatformError } from "../../platform/platform-error.ts";
import {
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
} from "../../wire/netlink/message-constants.ts";
import {
  encodeDelRoute,
  encodeDelRule,
  encodeNewRoute,
  encodeNewRule,
} from "../../wire/netlink/request.ts";
import type { RouteMessage } from "../../wire/netlink/route.ts";
import type { RuleMessage } from "../../wire/netlink/rule.ts";
import type { KernelError } from "./kernel-error.ts";
import { type Requester, refused } from "./requester.ts";
import { scrubbedRoute } from "./route-identity.ts";
import { scrubbedRule } from "./slot-reading.ts";

/**
 * What the kernel said to a request for a change. Only reading tells what became of it: an answer can be lost
 * after the change was made, and a refusal can mean that it stood already.
 */
export interface ChangeAnswer {
  readonly action: string;
  readonly refusal: KernelError | null;
  /** Why there is no answer. */
  readonly lost: PlatformError | null;
}

/** How a route is to stand to those of its key. */
export type RoutePlacement = "exclusive" | "append" | "prepend" | "replace";

const placements: Readonly<Record<RoutePlacement, number>> = {
  exclusive: NLM_F_CREATE | NLM_F_EXCL,
  append: NLM_F_CREATE | NLM_F_APPEND,
  prepend: NLM_F_CREATE,
  replace: NLM_F_CREATE | NLM_F_REPLACE,
};

export function requestRoute(
  requester: Requester,
  action: string,
  route: RouteMessage,
  placement: RoutePlacement,
): ChangeAnswer {
  return request(requester, action, (seq) => encodeNewRoute(seq, placements[placement], route));
}

/** Every attribute of the route is named, so that the kernel takes no other. */
export function requestRouteRemoval(
  requester: Requester,
  action: string,
  route: RouteMessage,
): ChangeAnswer {
  return request(requester, action, (seq) => encodeDelRoute(seq, scrubbedRoute(route)));
}

export function requestRule(requester: Requester, action: string, rule: RuleMessage): ChangeAnswer {
  return request(requester, action, (seq) => encodeNewRule(seq, placements.exclusive, rule));
}

/** Every attribute of the rule is named, its maker included, so that the kernel takes no other. */
export function requestRuleRemoval(
  requester: Requester,
  action: string,
  rule: RuleMessage,
): ChangeAnswer {
  return request(requester, action, (seq) => encodeDelRule(seq, scrubbedRule(rule)));
}

/** Why a change was not found made when it was looked for. */
export function changeFailure({ action, refusal, lost }: ChangeAnswer): PlatformError {
  if (lost !== null) return lost;
  if (refusal !== null) return refused(action, refusal);
  return new PlatformError(
    "interrupted",
    action,
    new Error("the kernel agreed, but somebody else has undone it"),
  );
}

function request(
  requester: Requester,
  action: string,
  encode: (seq: number) => Uint8Array,
): ChangeAnswer {
  try {
    return { action, refusal: requester.change(action, encode), lost: null };
  } catch (error) {
    // The socket is closed by now, and the request may have been heard or not.
    if (error instanceof PlatformError) return { action, refusal: null, lost: error };
    throw error;
  }
}
