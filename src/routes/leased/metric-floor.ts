import type { IpFamily } from "../../network/address.ts";

/** Metrics for what shall win, and for what refuses packets when that is gone; null where there is none left. */
export interface ChosenMetrics {
  readonly main: number;
  readonly block: number;
}

/** Where nothing stands yet. */
const metricAlone = 50;

/** A metric of 0 is taken as 1024 by Linux for IPv6 (IP6_RT_PRIO_USER, linux/ipv6_route.h). */
export const lowestMetricOf: Readonly<Record<IpFamily, number>> = { ipv4: 0, ipv6: 1 };

/**
 * The highest metrics that win against all that stand. IPv4 can hold several defaults of one metric, the first of
 * which wins: where the lowest is taken it is shared. Null where IPv6 has none left.
 *
 * @param standing the metrics of all others
 */
export function winningMetrics(
  family: IpFamily,
  standing: readonly number[],
  withBlock: boolean,
): ChosenMetrics | null {
  const floor = lowestMetricOf[family];
  const lowest = standing.length === 0 ? metricAlone + 2 : Math.min(...standing);
  const main = lowest - (withBlock ? 2 : 1);
  if (main >= floor) return { main, block: main + 1 };
  if (family === "ipv6") return null;
  return { main: floor, block: Math.max(floor, lowest - 1) };
}
