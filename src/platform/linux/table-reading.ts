import { addressByteLength, type IpFamily } from "../../network/address.ts";
import { longestDefaultPrefix } from "../../network/route.ts";
import { RTM_NEWROUTE } from "../../wire/netlink/message-constants.ts";
import { forEachReply } from "../../wire/netlink/reply.ts";
import { encodeGetRouteDump } from "../../wire/netlink/request.ts";
import { decodeRoute, type RouteMessage } from "../../wire/netlink/route.ts";
import { RTN_UNICAST } from "../../wire/netlink/route-constants.ts";
import { routeHeaderScan } from "../../wire/netlink/route-scan.ts";
import { numberOf } from "./defaults-reading.ts";
import { KernelError } from "./kernel-error.ts";
import { type DumpReader, type Requester, refused } from "./requester.ts";

/** So much of a big IPv4 table is read for the short routes that stand behind its defaults: some 5,000 routes. */
const enoughBytes = 256 << 10;

/** More than this stands in no table of ours; that of somebody else is not read to its end. */
const enoughRoutes = 1_000;

/**
 * The first thousand routes of a table, or all, in the kernel's order; none when there is no such table.
 *
 * @throws PlatformError
 */
export function readTable(
  requester: Requester,
  family: IpFamily,
  table: number,
  signal: AbortSignal,
): Promise<readonly RouteMessage[]> {
  return dumpTable(requester, family, table, wholeReader, signal);
}

/**
 * The routes of a table that are no longer than /7, in the kernel's order. Of an IPv4 table, which comes in the
 * order of destinations, those to 0.0.0.0 are always there, others only as far as the table is read.
 *
 * @throws PlatformError
 */
export function readShortRoutes(
  requester: Requester,
  family: IpFamily,
  table: number,
  signal: AbortSignal,
): Promise<readonly RouteMessage[]> {
  return dumpTable(requester, family, table, () => shortReader(family), signal);
}

/**
 * The IPv4 routes of a table and type that are no longer than /7, wherever they stand in it. The kernel walks the
 * whole table for it.
 *
 * @throws PlatformError
 */
export function readShortRoutesOfType(
  requester: Requester,
  table: number,
  type: number,
  signal: AbortSignal,
): Promise<readonly RouteMessage[]> {
  return dumpTable(requester, "ipv4", table, () => shortReader(null), signal, type);
}

/**
 * As readShortRoutes(), with those of IPv4 to other destinations than 0.0.0.0 wherever they stand: the whole table is
 * read.
 *
 * @throws PlatformError
 */
export function readEveryShortRoute(
  requester: Requester,
  family: IpFamily,
  table: number,
  signal: AbortSignal,
): Promise<readonly RouteMessage[]> {
  return dumpTable(requester, family, table, () => shortReader(null), signal);
}

/** Short routes of a table, and its routes to single hosts. */
interface ShortAndHostRoutes {
  readonly short: readonly RouteMessage[];
  /** Those that deliver over an interface, as far as the first part of the table goes. */
  readonly hosts: readonly RouteMessage[];
  /** The first part is all that there is. */
  readonly hostsComplete: boolean;
}

/**
 * As readShortRoutes(), with the host routes that stand in the first part of the table: a VPN makes one for its
 * server.
 *
 * @throws PlatformError
 */
export async function readShortAndHostRoutes(
  requester: Requester,
  family: IpFamily,
  table: number,
  signal: AbortSignal,
): Promise<ShortAndHostRoutes> {
  const begin = (): DumpReader<readonly ShortAndHostRoutes[]> => shortAndHostReader(family);
  const [read] = await dumpTable(requester, family, table, begin, signal);
  return read ?? { short: [], hosts: [], hostsComplete: true };
}

async function dumpTable<Read>(
  requester: Requester,
  family: IpFamily,
  table: number,
  begin: () => DumpReader<readonly Read[]>,
  signal: AbortSignal,
  type = 0,
): Promise<readonly Read[]> {
  const action = `read the ${family} routes of table ${table}`;
  const encode = (seq: number): Uint8Array =>
    encodeGetRouteDump(seq, numberOf(family), { table, type });
  const routes = await requester.dump(action, encode, begin, signal);
  if (!(routes instanceof KernelError)) return routes;
  // No route was ever put into the table, or the kernel does without the family.
  if (["ENOENT", "EAFNOSUPPORT", "EOPNOTSUPP"].includes(routes.code)) return [];
  throw refused(action, routes);
}

function wholeReader(): DumpReader<readonly RouteMessage[]> {
  const routes: RouteMessage[] = [];
  return {
    take(buffer, seq) {
      const progress = forEachReply(buffer, buffer.length, seq, (type, offset, length) => {
        if (type === RTM_NEWROUTE)
          routes.push(decodeRoute(buffer.subarray(offset, offset + length)));
      });
      return { ...progress, enough: routes.length >= enoughRoutes };
    },
    finish: () => routes,
  };
}

/** @param ordered a family whose tables come in the order of destinations, so that a part of one is enough */
function shortReader(ordered: IpFamily | null): DumpReader<readonly RouteMessage[]> {
  const routes: RouteMessage[] = [];
  let bytes = 0;
  return {
    take(buffer, seq) {
      const take = (offset: number, length: number): void => {
        const route = decodeRoute(buffer.subarray(offset, offset + length));
        // A default for some sources only carries nothing of a socket that has no source yet.
        if (route.srcLength === 0) routes.push(route);
      };
      const scan = routeHeaderScan(buffer, buffer.length, seq, longestDefaultPrefix, take);
      bytes += buffer.length;
      return { ...scan, enough: ordered === "ipv4" && scan.pastDefaults && bytes >= enoughBytes };
    },
    finish: () => routes,
  };
}

function shortAndHostReader(family: IpFamily): DumpReader<readonly ShortAndHostRoutes[]> {
  const short = shortReader(family);
  const hosts: RouteMessage[] = [];
  const hostLength = addressByteLength(family) * 8;
  let bytes = 0;
  return {
    take(buffer, seq) {
      bytes += buffer.length;
      if (bytes <= enoughBytes)
        forEachReply(buffer, buffer.length, seq, (type, offset, length) => {
          if (type !== RTM_NEWROUTE || buffer[offset + 1] !== hostLength) return;
          const route = decodeRoute(buffer.subarray(offset, offset + length));
          if (route.type === RTN_UNICAST && route.oif !== null) hosts.push(route);
        });
      return short.take(buffer, seq);
    },
    finish: () => [{ short: short.finish(), hosts, hostsComplete: bytes <= enoughBytes }],
  };
}
