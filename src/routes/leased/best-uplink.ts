import type { IpFamily } from "../../network/address.ts";
import type { NetworkInterface } from "../../network/interface.ts";
import { type DefaultRoute, interfacesOfRoute } from "../../network/route.ts";
import {
  isExpired,
  isLive,
  isTunnelDefault,
  isWholeDefault,
  mainTable,
} from "../default-comparison.ts";
import type { JournalState } from "../journal/journal-state.ts";
import { overPresentLinks, takenPlaces } from "../owed-default.ts";

/** The way by which a host's own packets would leave without any tunnel. */
export interface Uplink {
  readonly interfaceIndex: number;
  /** Null for a link without neighbours. */
  readonly gateway: string | null;
  readonly onlink: boolean;
}

/** What the choice of an uplink looks at. */
export interface UplinkContext {
  /** The unscoped defaults that stand. */
  readonly routes: readonly DefaultRoute[];
  readonly journal: JournalState;
  readonly interfaces: ReadonlyMap<number, NetworkInterface>;
  readonly tag: string;
  /** In ms since the epoch. */
  readonly now: number;
}

/** The best live default of a family that is neither a tunnel's nor ours, displaced ones included; null without any. */
export function bestUplink(family: IpFamily, context: UplinkContext): Uplink | null {
  const { routes, journal, interfaces, tag, now } = context;
  const displaced = journal.openDebts.flatMap(({ displaced: record }) =>
    takenPlaces(record).flatMap((place) => {
      const route = record.defaults[place]?.route;
      return route === undefined
        ? []
        : (overPresentLinks(route, record.interfaces, interfaces) ?? []);
    }),
  );
  const [best] = [...routes.filter(({ protocol }) => protocol !== tag), ...displaced]
    .filter((route) => route.family === family && route.table === mainTable && route.tos === 0)
    .filter((route) => isWholeDefault(route) && !isExpired(route, now))
    .filter((route) => isLive(route, interfaces, now) && !isTunnelDefault(route, interfaces))
    .toSorted((a, b) => a.metric - b.metric || a.position - b.position);
  if (best === undefined) return null;
  const [leg] = best.nexthops;
  const interfaceIndex = leg?.interfaceIndex ?? interfacesOfRoute(best)[0];
  if (interfaceIndex === undefined) return null;
  const { gateway, onlink } = leg ?? best;
  return { interfaceIndex, gateway, onlink };
}
