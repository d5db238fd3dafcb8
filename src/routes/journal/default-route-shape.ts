import { ipFamilies } from "../../network/address.ts";
import type { DefaultRoute, NextHop, RouteType } from "../../network/route.ts";
import {
  amount,
  base64,
  flag,
  list,
  nullable,
  object,
  oneOf,
  type Shape,
  text,
  whole,
} from "./shape.ts";

const routeTypes = [
  "unicast",
  "local",
  "broadcast",
  "anycast",
  "multicast",
  "blackhole",
  "unreachable",
  "prohibit",
  "throw",
  "nat",
  "unknown",
] as const satisfies readonly RouteType[];

/** A leg of a multipath route. */
export const nextHopShape = object({
  gateway: nullable(text()),
  interfaceIndex: whole(0),
  weight: whole(1, 256),
  onlink: flag(),
  linkdown: flag(),
}) satisfies Shape<NextHop>;

export const familyShape = oneOf(ipFamilies);

/** The decoded view of a default route, as features know it. */
export const defaultRouteShape = object({
  family: familyShape,
  prefix: text(),
  type: oneOf(routeTypes),
  gateway: nullable(text()),
  interfaceIndex: nullable(whole()),
  metric: whole(0),
  tos: whole(0),
  table: whole(0),
  position: whole(0),
  protocol: text(),
  source: nullable(text()),
  onlink: flag(),
  mtu: nullable(whole()),
  pref: nullable(oneOf(["low", "medium", "high"])),
  expiresAt: nullable(amount()),
  linkdown: flag(),
  nexthopId: nullable(whole()),
  nexthops: list(nextHopShape),
}) satisfies Shape<DefaultRoute>;

/** A default as the kernel gave it, and what we understand of it. */
export const recordedRouteShape = object({
  /** The kernel's own bytes in base64, so that attributes that we do not know survive. */
  raw: base64(),
  route: defaultRouteShape,
});
