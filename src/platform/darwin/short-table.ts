import { setImmediate as nextTurn } from "node:timers/promises";
import type { IpFamily } from "../../network/address.ts";
import { longestDefaultPrefix } from "../../network/route.ts";
import { AF, NET_RT, RTF } from "../../wire/pfroute/constants.ts";
import { darwinFormat } from "../../wire/pfroute/format.ts";
import type { RouteMessage } from "../../wire/pfroute/message.ts";
import { visitShortRoutes } from "../../wire/pfroute/short-route.ts";
import { routeTableName } from "../../wire/pfroute/sysctl-name.ts";
import { isClone, isDefaultLike } from "./route-translation.ts";
import type { SysctlPort } from "./routing-socket-port.ts";

/** How much of a table is walked before the event loop turns: some ten thousand routes, a few milliseconds. */
const sliceBytes = 1 << 20;

/**
 * How a table is read. `marked`: only the entries with RTF_GLOBAL, which XNU gives to every route to 0.0.0.0 and ::
 * of whatever length, and to no other of its own. `whole`: every entry is looked at.
 */
export type TableExtent = "marked" | "whole";

/** An entry of a table beside the bytes that the kernel said it in. */
export interface ShortEntry {
  readonly message: RouteMessage;
  readonly bytes: Uint8Array;
}

/** What `readShortEntries` reads, without the bytes. */
export async function readShortTable(
  sysctl: SysctlPort,
  family: IpFamily,
  extent: TableExtent,
  signal: AbortSignal,
): Promise<readonly RouteMessage[]> {
  const entries = await readShortEntries(sysctl, family, extent, signal);
  return entries.map(({ message }) => message);
}

/**
 * Reads the routes of a family that are short enough to be defaults, scoped ones among them, in the kernel's order.
 *
 * @throws what the port throws; the signal's reason
 */
export async function readShortEntries(
  sysctl: SysctlPort,
  family: IpFamily,
  extent: TableExtent,
  signal: AbortSignal,
): Promise<readonly ShortEntry[]> {
  const number = family === "ipv4" ? AF.INET : AF.INET6;
  const name =
    extent === "marked"
      ? routeTableName(number, NET_RT.FLAGS, RTF.GLOBAL)
      : routeTableName(number, NET_RT.DUMP2, 0);
  const table = sysctl.read(name);
  const entries: ShortEntry[] = [];
  const keep = (message: RouteMessage, bytes: Uint8Array): void => {
    // NET_RT_FLAGS shows what the kernel made of a route for one destination, too.
    if (isDefaultLike(message) && !isClone(message)) entries.push({ message, bytes });
  };
  for (let at = 0; ; ) {
    const end = Math.min(table.length, at + sliceBytes);
    const { left } = visitShortRoutes(
      table.subarray(at, end),
      darwinFormat,
      longestDefaultPrefix,
      keep,
    );
    if (end === table.length || left === end - at) return entries;
    at = end - left;
    await nextTurn();
    signal.throwIfAborted();
  }
}
