import { DecodeError } from "../decode-error.ts";
import { readU16 } from "./host-order.ts";
import { AF_INET, RTM_NEWROUTE } from "./message-constants.ts";
import { forEachReply, type ReplyProgress } from "./reply.ts";
import { rtmsgLength } from "./route.ts";
import { RTA_DST } from "./route-constants.ts";

/** What one receive buffer of a route dump says. */
export interface RouteCoverScan extends ReplyProgress {
  /**
   * A prefix that begins behind the destination was met. The dump of one IPv4 table comes in ascending order of
   * destinations, so that every route that covers it has been seen by then. IPv6 dumps have no such order: always
   * false.
   */
  readonly pastDestination: boolean;
}

/**
 * Walks one receive buffer of the route dump `seq` and shows only the routes whose prefix holds `destination`, by
 * the place of their body in the buffer. Nothing is made of any other route.
 *
 * @throws DecodeError
 */
export function routeCoverScan(
  buffer: Uint8Array,
  length: number,
  seq: number,
  destination: Uint8Array,
  visit: (bodyOffset: number, bodyLength: number) => void,
): RouteCoverScan {
  let pastDestination = false;
  const progress = forEachReply(buffer, length, seq, (type, offset, bodyLength) => {
    if (type !== RTM_NEWROUTE || bodyLength < rtmsgLength) return;
    const prefixLength = buffer[offset + 1] ?? 0;
    const at = destinationOffset(buffer, offset + rtmsgLength, offset + bodyLength, destination);
    if (at === 0 || sharesPrefix(buffer, at, destination, prefixLength)) visit(offset, bodyLength);
    else if (!pastDestination && buffer[offset] === AF_INET)
      pastDestination = isBehind(buffer, at, destination);
  });
  return { ...progress, pastDestination };
}

/** Where the address of RTA_DST begins; 0 when there is none, which stands for the prefix of everything. */
function destinationOffset(
  buffer: Uint8Array,
  start: number,
  end: number,
  destination: Uint8Array,
): number {
  let at = start;
  while (at + 4 <= end) {
    const length = readU16(buffer, at);
    if (length < 4 || length > end - at)
      throw new DecodeError("malformed", `cannot split an attribute of ${length} bytes`);
    if ((readU16(buffer, at + 2) & 0x3fff) === RTA_DST) {
      if (length - 4 !== destination.length)
        throw new DecodeError("malformed", `cannot read a destination of ${length - 4} bytes`);
      return at + 4;
    }
    at += (length + 3) & ~3;
  }
  return 0;
}

function sharesPrefix(
  buffer: Uint8Array,
  at: number,
  destination: Uint8Array,
  prefixLength: number,
): boolean {
  const whole = prefixLength >> 3;
  for (let byte = 0; byte < whole; byte += 1)
    if (buffer[at + byte] !== destination[byte]) return false;
  const rest = prefixLength & 7;
  if (rest === 0) return true;
  const mask = (0xff00 >> rest) & 0xff;
  return (((buffer[at + whole] ?? 0) ^ (destination[whole] ?? 0)) & mask) === 0;
}

function isBehind(buffer: Uint8Array, at: number, destination: Uint8Array): boolean {
  for (let byte = 0; byte < destination.length; byte += 1) {
    const difference = (buffer[at + byte] ?? 0) - (destination[byte] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
