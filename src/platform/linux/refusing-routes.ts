import { setImmediate as nextTurn } from "node:timers/promises";
import type { RouteMessage } from "../../wire/netlink/route.ts";
import {
  RTN_BLACKHOLE,
  RTN_PROHIBIT,
  RTN_UNREACHABLE,
} from "../../wire/netlink/route-constants.ts";

/** Reads the routes of one table and type that are no longer than /7: RTN_* by the kernel's own filter. */
export type TypedReader = (
  table: number,
  type: number,
  signal: AbortSignal,
) => Promise<readonly RouteMessage[]>;

/** The IPv4 routes that refuse packets, of tables too big to be read each time. */
export interface RefusingRoutes {
  /** @throws PlatformError */
  read(table: number, signal: AbortSignal): Promise<readonly RouteMessage[]>;
}

const refusingTypes = [RTN_UNREACHABLE, RTN_BLACKHOLE, RTN_PROHIBIT] as const;

/** Of the time that passes, so much may go into such reads: a twentieth. */
const shareOfTime = 20;

interface Kept {
  readonly routes: readonly RouteMessage[];
  /** Until then it holds, in ms of `nowMs`. */
  readonly until: number;
}

/**
 * A dump with a type (NETLINK_GET_STRICT_CHK) tells little and walks the whole table all the same, without a pause:
 * some 0.1 microseconds for each route and type. So what was found holds for twenty times as long as it took: with
 * 20,000 routes for some tenths of a second, with a million for some seconds.
 */
export function keepRefusingRoutes(
  readTyped: TypedReader,
  nowMs: () => number = () => performance.now(),
): RefusingRoutes {
  const kept = new Map<number, Kept>();
  return {
    async read(table, signal) {
      const known = kept.get(table);
      const startedAt = nowMs();
      if (known !== undefined && startedAt < known.until) return known.routes;
      const routes: RouteMessage[] = [];
      for (const type of refusingTypes) {
        routes.push(...(await readTyped(table, type, signal)));
        // Each walk holds the event loop: not all three together.
        await nextTurn();
      }
      const endedAt = nowMs();
      kept.set(table, { routes, until: endedAt + shareOfTime * (endedAt - startedAt) });
      return routes;
    },
  };
}
