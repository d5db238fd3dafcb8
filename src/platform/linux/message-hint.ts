import type { IpFamily } from "../../network/address.ts";
import { longestDefaultPrefix } from "../../network/route.ts";
import type { ChangeHint } from "../../platform/platform.ts";
import { DecodeError } from "../../wire/decode-error.ts";
import { readI32, readU8, readU32 } from "../../wire/netlink/host-order.ts";
import { IFF_LOWER_UP, IFF_RUNNING, IFF_UP } from "../../wire/netlink/link-constants.ts";
import * as nl from "../../wire/netlink/message-constants.ts";

/** Doors that have rung and were not fetched yet; each stands in it once. */
interface HintBatch {
  ring(hint: ChangeHint): void;
}

/** Reads the fixed header of a notification, never its attributes: a hundred thousand cost a fraction of a second. */
export interface MessageHinter {
  /**
   * Rings the doors that a message means.
   *
   * @returns false when it means none
   * @throws DecodeError when the body is shorter than its header
   */
  hint(type: number, bytes: Uint8Array, offset: number, length: number, batch: HintBatch): boolean;
  /** Forgets what it knows of links, after messages were lost. */
  reset(): void;
}

const AF_BRIDGE = 7; // linux/socket.h
const carryingFlags = IFF_UP | IFF_RUNNING | IFF_LOWER_UP;
const defaultsOf = {
  ipv4: { kind: "defaults", family: "ipv4" },
  ipv6: { kind: "defaults", family: "ipv6" },
} as const satisfies Record<IpFamily, ChangeHint>;
const suspectedOf = {
  ipv4: { ...defaultsOf.ipv4, suspected: true },
  ipv6: { ...defaultsOf.ipv6, suspected: true },
} as const satisfies Record<IpFamily, ChangeHint>;

/**
 * Turns notifications into hints. Routes can go without a message of their own: with their link (no
 * RTM_DELROUTE when it goes down, loses a nexthop object or is deleted), and with the last IPv4 address of their
 * interface. So a link that may carry less or more than before rings the defaults too, as suspected; other link
 * messages do not.
 */
export function messageHinter(protocolTag: number): MessageHinter {
  const carrying = new Map<number, number>();

  const hintLink = (type: number, bytes: Uint8Array, at: number, batch: HintBatch): boolean => {
    // A bridge tells of its ports in messages of its own family; the links' own messages say the same.
    if (readU8(bytes, at) === AF_BRIDGE) return false;
    const index = readI32(bytes, at + 4);
    const flags = readU32(bytes, at + 8) & carryingFlags;
    batch.ring({ kind: "interface", index });
    const before = carrying.get(index);
    if (type === nl.RTM_DELLINK) carrying.delete(index);
    else carrying.set(index, flags);
    if (type === nl.RTM_DELLINK || before !== flags) {
      batch.ring(suspectedOf.ipv4);
      batch.ring(suspectedOf.ipv6);
    }
    return true;
  };

  const hintAddress = (type: number, bytes: Uint8Array, at: number, batch: HintBatch): boolean => {
    const family = familyOf(readU8(bytes, at));
    if (family === null) return false;
    batch.ring({ kind: "interface", index: readI32(bytes, at + 4) });
    if (type === nl.RTM_DELADDR) batch.ring(suspectedOf[family]);
    return true;
  };

  const hintRoute = (bytes: Uint8Array, at: number, batch: HintBatch): boolean => {
    const family = familyOf(readU8(bytes, at));
    if (family === null) return false;
    const concerns =
      readU8(bytes, at + 1) <= longestDefaultPrefix || readU8(bytes, at + 5) === protocolTag;
    if (concerns) batch.ring(defaultsOf[family]);
    return concerns;
  };

  const hintRule = (bytes: Uint8Array, at: number, batch: HintBatch): boolean => {
    const family = familyOf(readU8(bytes, at));
    if (family === null) return false;
    batch.ring(defaultsOf[family]);
    return true;
  };

  return {
    hint(type, bytes, offset, length, batch) {
      const needed = headerLengths.get(type);
      if (needed === undefined) return false;
      if (length < needed)
        throw new DecodeError("truncated", `cannot read message ${type}: ${length} bytes`);
      switch (type) {
        case nl.RTM_NEWLINK:
        case nl.RTM_DELLINK:
          return hintLink(type, bytes, offset, batch);
        case nl.RTM_NEWADDR:
        case nl.RTM_DELADDR:
          return hintAddress(type, bytes, offset, batch);
        case nl.RTM_NEWROUTE:
        case nl.RTM_DELROUTE:
          return hintRoute(bytes, offset, batch);
        case nl.RTM_NEWRULE:
        case nl.RTM_DELRULE:
          return hintRule(bytes, offset, batch);
        default:
          // Nexthop objects carry routes of both families: a group, or a route by id, says nothing of its own.
          batch.ring(defaultsOf.ipv4);
          batch.ring(defaultsOf.ipv6);
          return true;
      }
    },
    reset: () => carrying.clear(),
  };
}

// ifinfomsg, ifaddrmsg, rtmsg, fib_rule_hdr, nhmsg.
const headerLengths: ReadonlyMap<number, number> = new Map([
  [nl.RTM_NEWLINK, 16],
  [nl.RTM_DELLINK, 16],
  [nl.RTM_NEWADDR, 8],
  [nl.RTM_DELADDR, 8],
  [nl.RTM_NEWROUTE, 12],
  [nl.RTM_DELROUTE, 12],
  [nl.RTM_NEWRULE, 12],
  [nl.RTM_DELRULE, 12],
  [nl.RTM_NEWNEXTHOP, 8],
  [nl.RTM_DELNEXTHOP, 8],
]);

function familyOf(family: number): IpFamily | null {
  if (family === nl.AF_INET) return "ipv4";
  return family === nl.AF_INET6 ? "ipv6" : null;
}
