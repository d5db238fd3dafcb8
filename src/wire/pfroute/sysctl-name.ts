import { AF } from "./constants.ts";

const CTL_NET = 4;

/**
 * The name of a net.routetable sysctl.
 *
 * @param family AF_INET, AF_INET6, or 0 for all
 * @param operation NET_RT_*
 * @param argument an interface index for the interface lists (0 for all), flags for NET_RT_FLAGS: a route
 *   with any of them is given
 */
export function routeTableName(
  family: number,
  operation: number,
  argument: number,
): readonly number[] {
  return [CTL_NET, AF.ROUTE, 0, family, operation, argument];
}
