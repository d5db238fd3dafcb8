import { AF_INET6 } from "../../wire/netlink/message-constants.ts";
import { encodeRoute, type RouteMessage } from "../../wire/netlink/route.ts";
import * as rta from "../../wire/netlink/route-constants.ts";
import { encodeMultipath, type RouteLeg } from "../../wire/netlink/route-leg.ts";
import { isErrorType, routeTypeOf } from "./route-words.ts";

/** What of rtm_flags and rtnh_flags is the maker's wish; the rest (dead, linkdown, offload, trap) is the moment's. */
const wishedFlags = rta.RTNH_F_ONLINK;

/** The metric that IPv6 gives to a route without one (IP6_RT_PRIO_USER, net/ip6_route.h). */
const defaultIpv6Metric = 1024;

/**
 * The route without what is of the moment only: the state of its links and of the hardware, and the cache info,
 * in which a lifetime slides.
 */
export function scrubbedRoute(route: RouteMessage): RouteMessage {
  return {
    ...route,
    flags: route.flags & wishedFlags,
    cacheinfo: null,
    expires: null,
    multipath: route.multipath?.map((leg) => ({ ...leg, flags: leg.flags & wishedFlags })) ?? null,
  };
}

/**
 * A text that two messages have in common when they mean the same route in the same table, whether the kernel
 * said them or we ask for them: defaults of the kernel are filled in, and lifetimes do not count. A route that
 * refers to a nexthop object is told by its id.
 */
export function routeIdentity(given: RouteMessage): string {
  const route = scrubbedRoute(given);
  const ipv6 = route.family === AF_INET6;
  const error = isErrorType(routeTypeOf(route.type));
  const legless = error || route.nhId !== null;
  const multipath = legless ? null : sortedLegs(route, ipv6);
  return Buffer.from(
    encodeRoute({
      ...route,
      dst: route.dstLength === 0 ? null : route.dst,
      src: route.srcLength === 0 ? null : route.src,
      priority: ipv6 ? route.priority || defaultIpv6Metric : (route.priority ?? 0),
      scope: ipv6 || error ? 0 : route.scope,
      // The kernel tells the preference of every IPv6 route (RFC 4191); medium is none.
      pref: ipv6 ? (route.pref ?? rta.ICMPV6_ROUTER_PREF_MEDIUM) : null,
      flags: legless || multipath !== null ? 0 : route.flags,
      oif: legless || multipath !== null ? null : route.oif,
      gateway: legless ? null : route.gateway,
      via: legless ? null : route.via,
      multipath,
      metrics:
        route.metrics === null || route.metrics.values.size + route.metrics.unknown.length === 0
          ? null
          : { ...route.metrics, values: new Map([...route.metrics.values].sort(byNumber)) },
    }),
  ).toString("hex");
}

// The kernel tells the legs of an IPv6 route in an order of its own.
function sortedLegs(route: RouteMessage, ipv6: boolean): readonly RouteLeg[] | null {
  if (route.multipath === null || !ipv6) return route.multipath;
  const keyed = route.multipath.map((leg) => ({
    leg,
    key: Buffer.from(encodeMultipath([leg])).toString("hex"),
  }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ leg }) => leg);
}

function byNumber([a]: readonly [number, number], [b]: readonly [number, number]): number {
  return a - b;
}
