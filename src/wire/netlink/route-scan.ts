import { forEachAttribute } from "./attribute.ts";
import { readU8 } from "./host-order.ts";
import { AF_INET, RTM_NEWROUTE } from "./message-constants.ts";
import { forEachReply, type ReplyProgress } from "./reply.ts";
import { rtmsgLength } from "./route.ts";
import { RTA_DST } from "./route-constants.ts";

/** What one receive buffer of a route dump says. */
export interface RouteScan extends ReplyProgress {
  /**
   * An IPv4 destination other than 0.0.0.0 was met. The dump of one IPv4 table comes in ascending key order, so
   * that every default of that table has been seen by then. IPv6 dumps have no such order: always false.
   */
  readonly pastDefaults: boolean;
}

/**
 * Walks one receive buffer of the route dump `seq` and shows only the routes whose prefix is not longer than
 * `maximumDstLength`, by the place of their body in the buffer. For any other route only the header is read,
 * and, until `pastDefaults` is settled, its destination.
 *
 * @throws DecodeError
 */
export function routeHeaderScan(
  buffer: Uint8Array,
  length: number,
  seq: number,
  maximumDstLength: number,
  visit: (bodyOffset: number, bodyLength: number) => void,
): RouteScan {
  let pastDefaults = false;
  const progress = forEachReply(buffer, length, seq, (type, offset, bodyLength) => {
    if (type !== RTM_NEWROUTE || bodyLength < rtmsgLength) return;
    const dstLength = readU8(buffer, offset + 1);
    if (dstLength <= maximumDstLength) visit(offset, bodyLength);
    if (!pastDefaults && dstLength > 0 && readU8(buffer, offset) === AF_INET)
      pastDefaults = hasDestination(buffer, offset, bodyLength);
  });
  return { ...progress, pastDefaults };
}

/** RTA_DST is there and not 0.0.0.0. */
function hasDestination(buffer: Uint8Array, offset: number, bodyLength: number): boolean {
  let met = false;
  forEachAttribute(buffer, offset + rtmsgLength, offset + bodyLength, (type, at, length) => {
    if (type !== RTA_DST) return true;
    for (let byte = 0; byte < length; byte += 1) if (readU8(buffer, at + byte) !== 0) met = true;
    return false;
  });
  return met;
}
