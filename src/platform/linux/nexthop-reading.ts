import type { NextHop } from "../../network/route.ts";
import { decodeNexthop, type NexthopMessage } from "../../wire/netlink/nexthop.ts";
import { encodeGetNexthop } from "../../wire/netlink/request.ts";
import { KernelError } from "./kernel-error.ts";
import { type Requester, refused } from "./requester.ts";
import { gatewayText, type NexthopResolver, nextHopOf } from "./route-translation.ts";

/** Asks the kernel for the legs of nexthop objects, groups too; each object once. An object that is gone has none. */
export function nexthopReader(requester: Requester): NexthopResolver {
  const known = new Map<number, readonly NextHop[]>();

  const legsOf = (id: number): readonly NextHop[] => {
    const nexthop = readNexthop(requester, id);
    if (nexthop === null) return [];
    // The members of a group are no groups themselves (nexthop objects nest one level deep).
    if (nexthop.group !== null)
      return nexthop.group.flatMap((member) => {
        const object = readNexthop(requester, member.id);
        return object === null ? [] : legOf(object, member.weight + 1);
      });
    return legOf(nexthop, 1);
  };

  return (id) => {
    const legs = known.get(id) ?? legsOf(id);
    known.set(id, legs);
    return legs;
  };
}

/** A nexthop object, or null when it is gone. @throws PlatformError */
export function readNexthop(requester: Requester, id: number): NexthopMessage | null {
  const action = `read nexthop object ${id}`;
  const answer = requester.ask(action, (seq) => encodeGetNexthop(seq, id), decodeNexthop);
  if (!(answer instanceof KernelError)) return answer;
  if (answer.code === "ENOENT") return null;
  throw refused(action, answer);
}

function legOf(nexthop: NexthopMessage, weight: number): readonly NextHop[] {
  if (nexthop.oif === null) return [];
  return [nextHopOf(gatewayText(nexthop.gateway, null), nexthop.oif, weight, nexthop.flags)];
}
