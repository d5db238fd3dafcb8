import type { RuleRemoval } from "../../platform/route-evidence.ts";
import { AF_INET, AF_INET6, RTM_DELRULE } from "../../wire/netlink/message-constants.ts";
import { decodeRule } from "../../wire/netlink/rule.ts";
import { portOwner } from "./port-owner.ts";

/** Tells listeners what messages say of who took a rule of our tag away; see RuleRemoval. */
export interface RuleWitness {
  /**
   * Looks at one notification, by the fields of its header and the place of its body.
   *
   * @throws DecodeError when the body of a rule's message is malformed
   */
  hear(type: number, portId: number, bytes: Uint8Array, offset: number, length: number): void;
  listen(listener: (removal: RuleRemoval) => void): Disposable;
}

/** Opens a witness of the rules with this protocol (FRA_PROTOCOL). While nobody listens it looks at nothing. */
export function openRuleWitness(
  protocolTag: number,
  ownerOf: typeof portOwner = portOwner,
): RuleWitness {
  const listeners = new Set<(removal: RuleRemoval) => void>();
  return {
    hear(type, portId, bytes, offset, length) {
      if (listeners.size === 0 || type !== RTM_DELRULE) return;
      const rule = decodeRule(bytes.subarray(offset, offset + length));
      if (rule.protocol !== protocolTag) return;
      if (rule.family !== AF_INET && rule.family !== AF_INET6) return;
      const removal: RuleRemoval = {
        at: Date.now(),
        family: rule.family === AF_INET ? "ipv4" : "ipv6",
        // The kernel leaves a preference of 0 out.
        preference: rule.priority ?? 0,
        requester: ownerOf(portId),
      };
      for (const listener of [...listeners]) listener(removal);
    },
    listen(listener) {
      // One function may listen twice, and each end is its own.
      const own = (removal: RuleRemoval): void => listener(removal);
      listeners.add(own);
      return { [Symbol.dispose]: () => void listeners.delete(own) };
    },
  };
}
