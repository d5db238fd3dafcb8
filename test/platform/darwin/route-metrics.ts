import { RTF } from "../../../src/wire/pfroute/constants.ts";
import { Errno } from "./errno.ts";
import { hasFlag, type RouteEntry, type RouteMetrics } from "./route-entry.ts";

const initsAt = 32;
const metricsAt = 36;
/** RTV_REFRESH_HOST: asks to probe a neighbour again. */
const refreshHost = 0x100;

/** RTV_* bit, metric, and its place in rt_metrics. */
const settable: readonly (readonly [number, keyof RouteMetrics, number])[] = [
  [0x1, "mtu", 1],
  [0x2, "hopCount", 2],
  [0x4, "expire", 3],
  [0x8, "receivePipe", 4],
  [0x10, "sendPipe", 5],
  [0x20, "threshold", 6],
  [0x40, "roundTrip", 7],
  [0x80, "roundTripVariance", 8],
];

/**
 * Sets the metrics that a request names (rtm_inits), and which of them are locked.
 *
 * @returns an errno, 0 when they are set
 */
export function changeMetrics(
  entry: RouteEntry,
  message: Uint8Array,
  what: "all" | "locks" = "all",
): number {
  const view = new DataView(message.buffer, message.byteOffset);
  const inits = view.getUint32(initsAt, true);
  if (what === "all" && (inits & refreshHost) !== 0) {
    const refreshable = hasFlag(entry, RTF.LLINFO) && !hasFlag(entry, RTF.STATIC);
    if (inits !== refreshHost || !refreshable) return Errno.EINVAL;
  } else if (what === "all")
    for (const [bit, metric, place] of settable)
      if ((inits & bit) !== 0) entry.metrics[metric] = view.getUint32(metricsAt + place * 4, true);
  const locks = view.getUint32(metricsAt, true);
  entry.metrics.locks = ((entry.metrics.locks & ~inits) | (inits & locks)) >>> 0;
  return Errno.OK;
}
