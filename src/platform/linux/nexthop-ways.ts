import type { RouteWay } from "../../platform/route-inquiry.ts";
import type { NexthopMessage } from "../../wire/netlink/nexthop.ts";
import { type WaysOfNexthop, wayOf } from "./covering-routes.ts";
import { readNexthop } from "./nexthop-reading.ts";
import type { Requester } from "./requester.ts";
import { gatewayText } from "./route-translation.ts";

/** Asks the kernel for the ways of nexthop objects, groups too; each object once. An object that is gone has none. */
export function nexthopWays(requester: Requester): WaysOfNexthop {
  const known = new Map<number, readonly RouteWay[] | "blackhole">();

  const waysOf: WaysOfNexthop = (id) => {
    const nexthop = readNexthop(requester, id);
    if (nexthop === null) return [];
    if (nexthop.blackhole) return "blackhole";
    // The members of a group are no groups themselves (nexthop objects nest one level deep).
    if (nexthop.group === null) return singleWay(nexthop, 1);
    const members = nexthop.group.map(({ id: member, weight }) => ({
      object: readNexthop(requester, member),
      weight,
    }));
    // A group with a blackhole has no other members (nexthop_valid_group, net/ipv4/nexthop.c).
    if (members.some(({ object }) => object?.blackhole === true)) return "blackhole";
    return members.flatMap(({ object, weight }) =>
      object === null ? [] : singleWay(object, weight + 1),
    );
  };

  return (id) => {
    const ways = known.get(id) ?? waysOf(id);
    known.set(id, ways);
    return ways;
  };
}

function singleWay(nexthop: NexthopMessage, weight: number): readonly RouteWay[] {
  if (nexthop.oif === null) return [];
  return [wayOf(gatewayText(nexthop.gateway, null), nexthop.oif, weight, nexthop.flags)];
}
