import { z } from "zod";
import { ipFamilies } from "../../network/address.ts";
import type { DefaultRoute, NextHop, RouteType } from "../../network/route.ts";

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
export const nextHopSchema = z.object({
  gateway: z.string().nullable(),
  interfaceIndex: z.int().nonnegative(),
  weight: z.int().min(1).max(256),
  onlink: z.boolean(),
  linkdown: z.boolean(),
}) satisfies z.ZodType<NextHop>;

export const familySchema = z.enum(ipFamilies);

/** The decoded view of a default route, as features know it. */
export const defaultRouteSchema = z.object({
  family: familySchema,
  prefix: z.string(),
  type: z.enum(routeTypes),
  gateway: z.string().nullable(),
  interfaceIndex: z.int().nullable(),
  metric: z.int().nonnegative(),
  tos: z.int().nonnegative(),
  table: z.int().nonnegative(),
  position: z.int().nonnegative(),
  protocol: z.string(),
  source: z.string().nullable(),
  onlink: z.boolean(),
  mtu: z.int().nullable(),
  pref: z.enum(["low", "medium", "high"]).nullable(),
  expiresAt: z.number().nullable(),
  linkdown: z.boolean(),
  nexthopId: z.int().nullable(),
  nexthops: z.array(nextHopSchema).readonly(),
}) satisfies z.ZodType<DefaultRoute>;

/** A default as the kernel gave it, and what we understand of it. */
export const recordedRouteSchema = z.looseObject({
  /** The kernel's own bytes in base64, so that attributes that we do not know survive. */
  raw: z.base64(),
  route: defaultRouteSchema,
});
